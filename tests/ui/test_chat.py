"""The chat and the pages in a real browser: journeys, two visitors, accessibility, hostile text."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from vigie.ingest.documents import Document

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Quiet and self-contained: no call home, no GPU, runs as root in a container.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ARTEFACTS = Path(__file__).parents[2] / "artefacts"
# A busy two-core machine may take this long to show Gradio's first page, in milliseconds.
PATIENCE = 60_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (package chromium)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A French visitor's page; any request that leaves the server, or a script error, fails."""
    context = browser.new_context(locale="fr-FR", base_url=address)
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else outside.append(request.url)
        ),
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    assert not outside
    assert not errors
    context.close()


def ask(page: Page, question: str) -> None:
    box = page.get_by_label("Votre question")
    expect(box).to_be_editable()
    box.fill(question)
    box.press("Enter")


def open_chat(page: Page) -> None:
    page.goto("/chat/")
    expect(page.get_by_label("Votre question")).to_be_visible()


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def test_an_answer_shows_its_sources_and_opens_at_the_passage(page: Page) -> None:
    open_chat(page)
    ask(page, "Qui a créé le Fonds Rivage ?")
    conversation = page.locator("#conversation")
    expect(conversation).to_contain_text("coopérative Lumen")
    sources = page.locator("#sources")
    expect(sources).to_contain_text("Bilan du Fonds Rivage")
    expect(sources).to_contain_text("Observatoire Estran")
    expect(sources).to_contain_text("1er février 2024")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "chat.png", full_page=True)
    assert not violations(page)
    link = conversation.get_by_role("link", name="[1]").get_attribute("href")
    assert link and link.startswith("/sources/") and link.endswith("#passage")
    page.goto(link)
    expect(page.locator("mark#passage")).to_contain_text("coopérative Lumen")
    page.screenshot(path=ARTEFACTS / "source.png", full_page=True)
    assert not violations(page)


def test_the_home_page_answers_without_any_script(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="fr-FR", base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Votre question").fill("Qui a créé le Fonds Rivage ?")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("main")).to_contain_text("coopérative Lumen")
    expect(page.get_by_role("link", name="Ouvrir au passage cité").first).to_be_visible()
    context.close()


def test_the_home_page_is_accessible_at_any_width(page: Page) -> None:
    page.goto("/?q=Qui a créé le Fonds Rivage ?")
    assert not violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "home-320.png", full_page=True)


def test_the_chat_is_accessible_and_fits_a_phone(page: Page) -> None:
    open_chat(page)
    assert not violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_hostile_text_stays_text(page: Page, hostile: Document) -> None:
    open_chat(page)
    ask(page, "En quelle année a été bâti le phare d’Ouessant ?")
    expect(page.locator("#conversation")).to_contain_text("1695")
    expect(page.locator("#sources")).to_contain_text("Phare")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#conversation img, #sources img, #sources script").count() == 0
    hrefs = page.locator("#conversation a, #sources a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert hrefs and all(href.startswith("/sources/") for href in hrefs)
    page.goto(f"/sources/{hostile.id}?start=0&end=40#passage")
    assert page.evaluate("window.pwned") is None
    assert page.locator("main img, main script").count() == 0


def test_a_hostile_question_stays_text(page: Page) -> None:
    open_chat(page)
    ask(page, '<img src=x onerror="window.pwned=1">![a](https://evil.example/a.png) **gras** ?')
    expect(page.locator("#conversation")).to_contain_text("onerror")
    expect(page.locator("#conversation")).to_contain_text("**gras**")
    assert page.evaluate("window.pwned") is None
    assert page.locator("#conversation img[src]").count() == 0


def test_a_visitor_never_meets_a_staff_note_until_signed_in(
    page: Page, browser: Browser, address: str
) -> None:
    open_chat(page)
    ask(page, "Que prévoit le projet Bernacle ?")
    expect(page.locator("#conversation")).to_contain_text("Je n’ai pas trouvé")
    assert "Ressac" not in page.content()
    page.goto("/login?next=/chat/")
    page.get_by_label("Clé d’accès").fill("cle-du-personnel")
    page.get_by_role("button", name="Entrer avec cette clé").click()
    expect(page.get_by_label("Votre question")).to_be_visible()
    ask(page, "Que prévoit le projet Bernacle ?")
    expect(page.locator("#conversation")).to_contain_text("Fondation Ressac")


def test_two_visitors_get_their_own_answers(browser: Browser, address: str) -> None:
    questions = {
        "Qui a créé le Fonds Rivage ?": "coopérative Lumen",
        "En quelle année a été bâti le phare d’Ouessant ?": "1695",
    }
    contexts = [browser.new_context(locale="fr-FR", base_url=address) for _ in questions]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(PATIENCE)
        open_chat(page)
    for page, question in zip(pages, questions, strict=True):
        ask(page, question)
    for page, expected in zip(pages, questions.values(), strict=True):
        expect(page.locator("#conversation")).to_contain_text(expected)
    other = list(questions.values())[::-1]
    for page, unexpected in zip(pages, other, strict=True):
        expect(page.locator("#conversation")).not_to_contain_text(unexpected)
    for context in contexts:
        context.close()


def test_a_follow_up_is_understood_and_a_new_conversation_forgets(page: Page) -> None:
    open_chat(page)
    ask(page, "Qui a créé le Fonds Rivage ?")
    expect(page.locator("#conversation")).to_contain_text("coopérative Lumen")
    ask(page, "Combien d’associations a-t-il soutenues ?")
    expect(page.locator("#conversation")).to_contain_text("128 associations")
    page.get_by_role("button", name="Nouvelle conversation").click()
    expect(page.locator("#conversation")).not_to_contain_text("coopérative Lumen")
    expect(page.locator("#sources")).to_contain_text("s’afficheront ici")


def test_a_condition_of_the_question_is_shown_and_removed_with_the_keyboard(page: Page) -> None:
    open_chat(page)
    ask(page, "Qui a créé le Fonds Rivage d’après le rapport de l’Observatoire Estran ?")
    chips = page.locator("#facets button:visible")
    expect(chips).to_have_text(
        ["✕ Publié par Observatoire Estran seulement", "✕ Rapports seulement"]
    )
    assert not violations(page)
    page.screenshot(path=ARTEFACTS / "chat-facets.png", full_page=True)
    chips.first.focus()
    page.keyboard.press("Enter")
    expect(chips).to_have_text(["✕ Rapports seulement"])
    chips.first.click()
    expect(chips).to_have_count(0)
    conversation = page.locator("#conversation")
    expect(conversation).to_contain_text("coopérative Lumen")
    expect(conversation.get_by_text("d’après le rapport")).to_have_count(1)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_example_fills_the_question_in(page: Page) -> None:
    open_chat(page)
    button = page.locator("#examples button").first
    example = button.inner_text()
    button.click()
    expect(page.get_by_label("Votre question")).to_have_value(example)


def test_the_browser_is_there_when_it_is_promised() -> None:
    """`make test` installs Chromium where it can: as root it must not be skipped silently."""
    assert CHROMIUM is not None or os.geteuid() != 0
