"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from api.results import LeaderboardView
from api.router import router
from pages.home import LogOut

urlpatterns = [
    path("login/", auth.LoginView.as_view(template_name="account/login.html"), name="login"),
    path("logout/", LogOut.as_view(), name="logout"),
    path(
        "password/",
        auth.PasswordChangeView.as_view(template_name="account/password.html", success_url="/"),
        name="password",
    ),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(router.urls)),
    path("api/v1/leaderboard/", LeaderboardView.as_view(), name="leaderboard-list"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/schema/ui/", SpectacularSwaggerView.as_view(url_name="schema"), name="schema-ui"),
    path("", include("pages.urls")),
]
