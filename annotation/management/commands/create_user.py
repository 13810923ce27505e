import getpass
import sys
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.models import Role
from annotation.services.people import user_create


class Command(Base):
    help = (
        "Create a person with a role. "
        "The password is asked for, or read from standard input with --stdin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument(
            "--stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *args: object, **options: Any) -> None:
        if options["stdin"]:
            password = sys.stdin.readline().strip()
        else:
            password = asked()
        user = user_create(
            username=options["username"], password=password, role=Role(options["role"])
        )
        self.stdout.write(f"{user.username} is a {user.role}")


def asked() -> str:
    """The password, asked for at the terminal. ValueError where there is no terminal."""
    try:
        return getpass.getpass("Password: ")
    except EOFError:
        raise ValueError(
            "there is no terminal to ask for the password at; "
            "give it on standard input, with --stdin"
        ) from None
