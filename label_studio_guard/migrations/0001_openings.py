from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=32, unique=True)),
                ("at", models.DateTimeField()),
                ("account", models.PositiveBigIntegerField(help_text="the account's id here")),
                (
                    "person",
                    models.PositiveBigIntegerField(
                        default=0,
                        help_text="the admin's id on our site, for the account that admins share",
                    ),
                ),
                ("note", models.CharField(help_text="what the task calls it", max_length=64)),
                ("way", models.CharField(max_length=10)),
                (
                    "slot",
                    models.PositiveIntegerField(
                        help_text="what was opened again within it is one opening"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "person", "note", "way", "slot"),
                        name="guard_opening_once",
                    )
                ],
            },
        ),
    ]
