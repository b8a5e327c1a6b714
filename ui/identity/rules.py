"""Which of a provider's users see what: `equipe=staff, @asso.fr=partner`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vigie.ingest.documents import Audience
from vigie.ingest.errors import InvalidValue, Reason

# Where Keycloak, Google and Microsoft put groups; roles are Microsoft's for applications.
GROUP_CLAIMS = ("groups", "roles")


@dataclass(frozen=True, slots=True)
class Rule:
    """A group's name, or `@` and a domain of verified addresses, and what its people see."""

    who: str
    audience: Audience

    def fits(self, claims: Mapping[str, Any]) -> bool:
        """Whether the id token says so; an address that the provider has not verified tells
        nothing, for anyone could have typed it."""
        if self.who.startswith("@"):
            domain = str(claims.get("email", "")).rpartition("@")[2].lower()
            return claims.get("email_verified") is True and f"@{domain}" == self.who.lower()
        named = (claims.get(name) for name in GROUP_CLAIMS)
        # Keycloak may write a group with its path.
        return any(
            isinstance(groups, list) and {self.who, f"/{self.who}"} & set(map(str, groups))
            for groups in named
        )


def rules_of(text: str) -> tuple[Rule, ...]:
    """Rules between commas; raises InvalidValue for one that is none, or none at all."""
    rules = []
    for part in text.split(","):
        who, _, audience = (piece.strip() for piece in part.rpartition("="))
        if not who or who == "@" or audience not in set(Audience):
            expected = Reason("keys.rules_form")
            raise InvalidValue(name="VIGIE_OIDC_AUDIENCES", value=text, expected=expected)
        rules.append(Rule(who, Audience(audience)))
    return tuple(rules)


def audience_of(claims: Mapping[str, Any], rules: Sequence[Rule]) -> Audience | None:
    """The widest audience of the rules that fit, None when none does."""
    fitting = [rule.audience for rule in rules if rule.fits(claims)]
    return max(fitting, key=lambda audience: len(audience.sees), default=None)
