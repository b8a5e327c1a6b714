"""A WordPress site by its REST interface: every post as its author wrote it, without the page."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from vigie.ingest.documents import Kind
from vigie.ingest.errors import PageRefused, Reason, Unavailable, VigieError
from vigie.ingest.readers.registry import FRAGMENT
from vigie.ingest.reading import Defaults
from vigie.ingest.sources.declarations import Declaration
from vigie.ingest.sources.fetching import Fetcher, Page
from vigie.ingest.sources.links import host, is_address
from vigie.ingest.sources.offers import Listing, Offer, Reach, Told
from vigie.ingest.sources.pages import kept

# The most that the interface gives at a time.
PER_PAGE = 100
FIELDS = "id,date,modified,link,title,content"
# A hundred posts of a verbose page builder take 10 MB.
LARGEST_ANSWER = 50_000_000
# Sites that tell no number of pages end with an error; ten times the largest site met.
MOST_PAGES = 1_000
# What the interface says of a page after the last one.
PAST_THE_END = b"invalid_page_number"
TAG = re.compile(r"<[^<>]*>")


class Rendered(BaseModel):
    """HTML as the site would show it; `protected` by a password, and then empty."""

    rendered: str = ""
    protected: bool = False


class Post(BaseModel):
    """What the interface says of a post, a page or any other type of content."""

    model_config = ConfigDict(extra="ignore")

    id: int
    link: str
    date: datetime | None = None
    modified: datetime | None = None
    title: Rendered = Rendered()
    content: Rendered = Rendered()


POSTS = TypeAdapter(list[Post])


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of the interface; the totals are None where the site does not tell them."""

    posts: list[Post]
    total: int | None
    pages: int | None


def offers(declared: Declaration, reach: Reach) -> Iterator[Offer]:
    """Every published post; one that breaks off half-way tells nothing of what is gone."""
    site = declared.where[0].rstrip("/")
    said = declared.stated
    defaults = replace(said, kind=said.kind or Kind.ARTICLE)
    publisher = said.publisher or _site_name(site, reach.fetcher)
    found = 0
    whole = True
    for kind in declared.types:
        seen: set[int] = set()
        totals: set[int] = set()
        for batch in _batches(site, kind, reach.fetcher):
            totals |= {batch.total} if batch.total is not None else set()
            yield Listing(found + max(totals, default=len(seen) + len(batch.posts)), whole=False)
            for post in batch.posts:
                if post.id not in seen and not post.content.protected:
                    yield offer(post, site, publisher, defaults, reach)
                seen.add(post.id)
        found += len(seen)
        # A post that left an earlier page while a later one was read moves another past us.
        whole = whole and (not totals or totals == {len(seen)})
    yield Listing(found, whole)


def offer(post: Post, site: str, publisher: str | None, defaults: Defaults, reach: Reach) -> Offer:
    """The post's own HTML; it is named by its number, for its address follows its title."""
    origin = f"{site}/?p={post.id}"
    told = Told(
        title=_words(post.title.rendered) or None,
        publisher=publisher,
        published=_day(post.date),
        modified=_day(post.modified),
        url=post.link if is_address(post.link) else None,
        media_type="text/html",
    )
    name = f"{post.id}{FRAGMENT}"
    return kept(origin, post.content.rendered.encode(), name, defaults, told, reach)


def _batches(site: str, kind: str, fetcher: Fetcher) -> Iterator[Batch]:
    met: set[int] = set()
    for number in range(1, MOST_PAGES + 1):
        batch = _batch(site, kind, number, fetcher)
        fresh = {post.id for post in batch.posts} - met if batch else set()
        if batch is None or (number > 1 and not fresh):
            return
        met |= fresh
        yield batch
        # A site that does not tell its number of pages is asked until it has no more.
        if batch.pages is not None and number >= batch.pages:
            return
    raise PageRefused(url=site, reason=Reason("sync.too_many", {"limit": MOST_PAGES * PER_PAGE}))


def _batch(site: str, kind: str, number: int, fetcher: Fetcher) -> Batch | None:
    """None past the last page, which the interface answers with an error."""
    # By number, so that a post edited meanwhile keeps its place.
    asked = {
        "per_page": PER_PAGE,
        "page": number,
        "orderby": "id",
        "order": "asc",
        "_fields": FIELDS,
    }
    url = f"{site}/wp-json/wp/v2/{kind}?{urlencode(asked, safe=',')}"
    page = fetcher.get(url, largest=LARGEST_ANSWER, accept=(HTTPStatus.BAD_REQUEST,))
    if page.status == HTTPStatus.BAD_REQUEST and PAST_THE_END in page.data:
        return None
    if page.status != HTTPStatus.OK:
        raise Unavailable(what=url, reason=Reason("sync.status", {"status": page.status}))
    try:
        posts = POSTS.validate_json(page.data)
    except ValidationError as error:
        raise PageRefused(url=url, reason=Reason("sync.not_wordpress")) from error
    return Batch(posts, _number(page, "x-wp-total"), _number(page, "x-wp-totalpages"))


def _site_name(site: str, fetcher: Fetcher) -> str | None:
    """The name that the site gives itself; its host where the interface's root is closed."""
    try:
        page = fetcher.get(f"{site}/wp-json/?_fields=name", largest=LARGEST_ANSWER)
        said: Any = json.loads(page.data or b"{}")
    except (VigieError, ValueError):
        return host(site)
    name = said.get("name") if isinstance(said, dict) else None
    return (_words(name) if isinstance(name, str) else "") or host(site)


def _number(page: Page, header: str) -> int | None:
    text = page.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _words(rendered: str) -> str:
    """A title is HTML: entities, sometimes emphasis."""
    return " ".join(html.unescape(TAG.sub("", rendered)).split())


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
