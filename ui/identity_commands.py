"""`vigie keys`, `vigie users`, `vigie widgets`: what is typed after them."""

from pkgutil import resolve_name
from typing import Annotated

import typer

from vigie.ingest.documents import Audience
from vigie.ingest.messages import message
from vigie.ui.usage import Command, Group

# A small association's site asks tens of questions a day.
DAILY = 500
MOST_DAILY = 1_000_000
# What a tool that asks questions for people needs.
SCOPES = "search,ask,feedback"

WORK = "vigie.ui.keys_command:{}"
USERS = "vigie.ui.users_command:{}"
WIDGETS = "vigie.ui.widgets_command:{}"


def group(name: str) -> typer.Typer:
    """A command of commands, with our words."""
    return typer.Typer(
        name=name,
        cls=Group,
        help=message(f"keys.{name}_help"),
        rich_markup_mode=None,
        no_args_is_help=True,
        subcommand_metavar=message("cli.command_metavar"),
    )


keys, users, widgets = group("keys"), group("users"), group("widgets")
GROUPS = (keys, users, widgets)


def _done(context: typer.Context, work: str, *given: object) -> None:
    # The root command left what reads the settings: reading them may fail, which help must not.
    settings = context.find_root().obj()
    raise typer.Exit(resolve_name(work)(settings, *given))


@keys.command("create", cls=Command, help=message("keys.keys_create_help"))
def keys_create(
    context: typer.Context,
    name: Annotated[str, typer.Option(help=message("keys.name_help"))],
    audience: Annotated[
        Audience, typer.Option(help=message("keys.audience_help"))
    ] = Audience.PUBLIC,
    scopes: Annotated[str, typer.Option(help=message("keys.scopes_help"))] = SCOPES,
    expires: Annotated[str | None, typer.Option(help=message("keys.expires_help"))] = None,
) -> None:
    _done(context, WORK.format("create"), name, audience, scopes, expires)


@keys.command("list", cls=Command, help=message("keys.keys_list_help"))
def keys_list(context: typer.Context) -> None:
    _done(context, WORK.format("listed"))


@keys.command("revoke", cls=Command, help=message("keys.keys_revoke_help"))
def keys_revoke(
    context: typer.Context,
    key_id: Annotated[
        str,
        typer.Argument(
            metavar=message("keys.id_metavar"),
            help=message("keys.key_id_help"),
            show_default=False,
        ),
    ],
) -> None:
    _done(context, WORK.format("revoke"), key_id)


UserName = Annotated[
    str,
    typer.Argument(
        metavar=message("keys.user_metavar"), help=message("keys.user_help"), show_default=False
    ),
]


@users.command("create", cls=Command, help=message("keys.users_create_help"))
def users_create(
    context: typer.Context,
    name: UserName,
    audience: Annotated[
        Audience, typer.Option(help=message("keys.audience_help"))
    ] = Audience.STAFF,
    admin: Annotated[bool, typer.Option("--admin", help=message("keys.admin_help"))] = False,
) -> None:
    _done(context, USERS.format("create"), name, audience, admin)


@users.command("list", cls=Command, help=message("keys.users_list_help"))
def users_list(context: typer.Context) -> None:
    _done(context, USERS.format("listed"))


@users.command("disable", cls=Command, help=message("keys.users_disable_help"))
def users_disable(context: typer.Context, name: UserName) -> None:
    _done(context, USERS.format("disable"), name)


@users.command("password", cls=Command, help=message("keys.users_password_help"))
def users_password(context: typer.Context, name: UserName) -> None:
    _done(context, USERS.format("password"), name)


@widgets.command("create", cls=Command, help=message("keys.widgets_create_help"))
def widgets_create(
    context: typer.Context,
    name: Annotated[str, typer.Option(help=message("keys.widget_name_help"))],
    origin: Annotated[list[str], typer.Option(help=message("keys.origin_help"))],
    daily: Annotated[
        int, typer.Option(min=1, max=MOST_DAILY, help=message("keys.daily_help"))
    ] = DAILY,
) -> None:
    _done(context, WIDGETS.format("create"), name, origin, daily)


@widgets.command("list", cls=Command, help=message("keys.widgets_list_help"))
def widgets_list(context: typer.Context) -> None:
    _done(context, WIDGETS.format("listed"))


@widgets.command("revoke", cls=Command, help=message("keys.widgets_revoke_help"))
def widgets_revoke(
    context: typer.Context,
    widget_id: Annotated[
        str,
        typer.Argument(
            metavar=message("keys.id_metavar"),
            help=message("keys.widget_id_help"),
            show_default=False,
        ),
    ],
) -> None:
    _done(context, WIDGETS.format("revoke"), widget_id)
