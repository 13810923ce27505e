"""How a coder works in each interface: opens a note, looks for a code, ticks it, goes on.

What these return are seconds, measured in the page.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from tests.bench.coding.site import CODER, PASSWORD, Site
from tests.bench.coding.window import Window

GO_ON = "#go-on, form.next button"
"""The queue's way into the next note."""
QUIET = 700
"""ms without a change, after which a page that cannot be asked has done its work."""


class Hands(ABC):
    """A coder at one interface."""

    has_search = True

    def __init__(self, window: Window, site: Site) -> None:
        self.window = window
        self.page = window.page
        self.site = site

    @abstractmethod
    def sign_in(self) -> None:
        """As the person who codes; not timed."""

    @abstractmethod
    def open(self) -> float:
        """From the click in the queue until the note is there and a code can be searched."""

    @abstractmethod
    def look_for(self, words: str) -> None:
        """Type these words instead of what is in the search box, and wait for the results."""

    def last_letter(self, words: str) -> float:
        """From the last letter of these words until their results are there."""
        self.look_for(words[:-1])
        self.window.expect("found", words)
        self.window.key(words[-1])
        return self.window.seconds()

    def in_view(self, code: str) -> bool:
        """Whether a code is among the results that can be seen without scrolling."""
        return code in self.window.ask("inView")

    @abstractmethod
    def tick(self, code: str) -> float:
        """From the key or click on a code in view until its tick shows."""

    @abstractmethod
    def rest(self) -> None:
        """Empty the search, as on a note that was just opened; not timed."""

    @abstractmethod
    def submit(self) -> float:
        """From Submit until the next note can be coded."""


class OurCoder(Hands):
    """Ada, who comes from her queue."""

    came: str
    """What the address of the coding page has in it."""

    def sign_in(self) -> None:
        self.page.goto(f"{self.site.address}/login/")
        self.page.fill("input[name=username]", CODER)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button:has-text('Log in')")
        self.page.wait_for_url(lambda address: "/login/" not in address)
        self.page.click("button:has-text('I have read this')")
        self.page.wait_for_selector(GO_ON)

    def open(self) -> float:
        self.page.goto(f"{self.site.address}/queue/")
        self.page.wait_for_timeout(QUIET)
        at = self.window.ask("press", GO_ON)
        return (self.window.usable_at(self.came) - at) / 1000

    def replace(self, words: str, box: str) -> None:
        """Type words over what stands in a box, which has the cursor."""
        if self.page.locator(box).input_value():
            self.window.key("Control+a")
        self.window.type(words)


class OurPage(OurCoder):
    """Our own coding page, by keyboard alone."""

    came = "/code/"
    BOX = "#search"

    def look_for(self, words: str) -> None:
        self.replace(words, self.BOX)

    def tick(self, code: str) -> float:
        for _ in range(self.window.ask("stepsTo", code)):
            self.window.key("ArrowDown")
        self.window.expect("ticked", code)
        self.window.key("Enter")
        return self.window.seconds()

    def rest(self) -> None:
        self.page.fill(self.BOX, "")

    def submit(self) -> float:
        self.window.expect("next")
        self.window.key("Control+Enter")
        took = self.window.seconds()
        self.window.ask("says", "#last-sent", "submitted")
        return took


class InLabelStudio(OurCoder):
    """A project of a study in Label Studio, with the guard's script on its page."""

    came = "/projects/"

    def submit(self) -> float:
        """Submit, and when it says so, "Code next note" at once."""
        self.window.ask("listen")
        self.window.click("[data-testid=bottombar-submit-button]")
        with self.page.expect_navigation(wait_until="commit"):
            at = self.window.ask("goOn")
        return (self.window.usable_at(self.came) - at) / 1000

    def tick(self, code: str) -> float:
        self.window.expect("ticked", code)
        self.window.click_row(code)
        return self.window.seconds()


class OurList(InLabelStudio):
    """The interface `list`: a filter above check boxes."""

    BOX = ".cb-codes input[placeholder='Filter by code or word']"

    def look_for(self, words: str) -> None:
        if not self.page.locator(f"{self.BOX}:focus").count():
            self.window.click(self.BOX)
        self.replace(words, self.BOX)
        self.window.ask("found", words)

    def rest(self) -> None:
        self.page.fill(self.BOX, "")
        self.window.ask("found", "")
        self.page.locator(self.BOX).blur()


class OurSearch(InLabelStudio):
    """The interface `search`: a drop-down with a search field."""

    FIELD = ".cb-list .ant-select-selector"
    BOX = "[data-testid=taxonomy-search]"
    ROWS = ".ant-select-dropdown .ant-select-tree-title"

    def look_for(self, words: str) -> None:
        if not self.page.locator(self.BOX).is_visible():
            self.window.click(self.FIELD)
            self.page.locator(self.ROWS).first.wait_for()
        if not self.page.locator(f"{self.BOX}:focus").count():
            self.window.click(self.BOX)
        self.replace(words, self.BOX)
        self.window.ask("settled", QUIET)

    def rest(self) -> None:
        self.page.fill(self.BOX, "")
        self.page.keyboard.press("Escape")
        self.page.wait_for_timeout(QUIET)


class Stock(Hands):
    """A project as Label Studio makes it, and its administrator, on whose pages we have no script.

    She begins with the button "Label All Tasks" above the list of notes. There is no search: she
    scrolls to a code.
    """

    has_search = False
    LABEL_ALL = "Label All Tasks"

    def __init__(self, window: Window, site: Site, project: int) -> None:
        super().__init__(window, site)
        self.address = f"{site.label_studio.url}/projects/{project}/data/"

    def sign_in(self) -> None:
        self.page.goto(self.site.label_studio.admin_login_url())

    def open(self) -> float:
        self.page.goto(self.address)
        button = self.page.get_by_role("button", name=self.LABEL_ALL)
        button.wait_for()
        self.page.wait_for_timeout(QUIET)
        assert "/guard/" not in self.page.content(), "a stock page has none of our scripts"
        at = button.evaluate(
            "button => { const at = performance.timeOrigin + performance.now();"
            " button.click(); return at; }"
        )
        return (self.window.usable_at("labeling=1") - at) / 1000

    def look_for(self, words: str) -> None:
        raise NotImplementedError("there is no search")

    def tick(self, code: str) -> float:
        self.window.scroll_to(code)
        self.window.expect("ticked", code)
        self.window.click_row(code)
        return self.window.seconds()

    def rest(self) -> None:
        """Nothing to empty."""

    def submit(self) -> float:
        self.window.expect("next")
        self.window.click("[data-testid=bottombar-submit-button]")
        return self.window.seconds()


def hands_of(name: str, window: Window, site: Site, project: int) -> Hands:
    """The coder of an interface; `project`: the stock one's id."""
    if name == "stock":
        return Stock(window, site, project)
    kind = {"page": OurPage, "list": OurList, "search": OurSearch}[name]
    return kind(window, site)
