"""Made-up newspapers whose every line is known to be an article's own or the paper's furniture."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.curate import Run, curate
from pipeline.engine import LocalEngine
from pipeline.settings import ExecutionSettings, Settings, ValidationSettings
from pipeline.store.workspace import Workspace

NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)
SYLLABLES = ["bar", "cen", "dol", "fir", "gam", "hul", "jat", "kes", "lom", "mur", "nol", "pag"]
SYLLABLES += ["ras", "sul", "tav", "ven", "wim", "zor"]
COURIER = (
    "The Courier belongs to its readers and answers to nobody else, which is why it prints no paid "
    "notices."
)
MIRROR = (
    "Every page of the Mirror is set by hand in a workshop that visitors may see on the first "
    "Sunday."
)
PAPERS = {
    "valley.example": (
        ["Valley Courier, evening pages"],
        [
            COURIER,
            "Printed beside the old mill in Lower Street",
            "Night desk: ring the bell twice",
        ],
    ),
    "harbour.example": (
        [],
        [
            "Harbour Gazette & Tide Tables",
            "Found a slip of the pen? Leave a card at our front door.",
        ],
    ),
    "upland.example": (
        ["Upland Mirror | Hills edition"],
        [
            MIRROR,
            "Mirror House, 4 Chapel Hill",
        ],
    ),
    "plain.example": ([], ["~ Plain Words, since the winter of the long frost ~"]),
    "bare.example": ([], []),
    "brief.example": ([], ["Brief & Brothers, printers to the borough"]),
}
TEMPLATES = (
    "The {0} council met on {day} to speak of the {1} that many people in {2} have waited for.",
    "Nobody in {2} remembers a {1} as long as this one, and few believe that {0} will pay for it.",
    "A spokeswoman for {0} said the {3} near {2} would be looked at again before winter comes.",
    "What the {1} means for the families of {2} is not known, for {0} keeps its figures to itself.",
    "On {day} the {3} was closed for an hour, and those who work at {0} stood outside in the rain.",
    "Some say that {2} owes its {3} to the {1}, others that it was {0} which built it long ago.",
    "Three members of {0} left the room on {day} when the question of the {3} was raised at last.",
    "By evening the road from {2} was full of people who wanted to see the {1} for themselves.",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
COLUMN = "Notes from a small garden"
DISCLAIMER = (
    "Whoever writes here speaks for himself alone, and what he holds true need not be shared next "
    "door."
)


@dataclass(slots=True)
class Article:
    """One record; `own` and `furniture` are its lines by what they are."""

    source: str | None
    title: str
    own: list[str]
    head: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    titled: bool = True  # whether the text repeats the title

    @property
    def text(self) -> str:
        lines = [*self.head, *([self.title] if self.titled else []), *self.own, *self.tail]
        return "\n".join(lines)


class Desk:
    """Writes articles; the same ones for the same seed."""

    def __init__(self, seed=1):
        self.chance = random.Random(seed)

    def name(self):
        return "".join(self.chance.sample(SYLLABLES, 3)).capitalize()

    def story(self, source, *, lines=None, extra=()):
        """An article about four things of its own, in the frame of its paper."""
        topics = [self.name(), self.name().lower(), self.name(), self.name().lower()]
        count = lines or self.chance.randrange(5, 14)
        own = [
            self.chance.choice(TEMPLATES).format(*topics, day=self.chance.choice(DAYS))
            + f" It is number {self.chance.randrange(10**6)} of {topics[self.chance.randrange(4)]}."
            for _ in range(count)
        ]
        head, tail = PAPERS.get(source, ([], []))
        title = f"{topics[0]} and the {topics[1]} of {topics[2]}"
        return Article(source, title, [*own, *extra], list(head), list(tail))

    def papers(self, each=60):
        return [self.story(source) for source in PAPERS for _ in range(each)]

    def syndicated(self, stories=4):
        """Stories that every paper prints, with the wire's own line at the end."""
        for _ in range(stories):
            wire = "The wire will send more on this in the evening"
            first = self.story("bare.example", extra=[wire])
            for source, (head, tail) in PAPERS.items():
                yield Article(source, first.title, first.own, list(head), list(tail))

    def reprinted(self, source="bare.example", copies=9):
        """One story that its paper prints again and again, each time with a line more."""
        story = self.story(
            source, lines=12, extra=["A drawing of the pier hangs in the post office"]
        )
        for _ in range(copies):
            more = self.story(source, lines=1).own
            yield Article(source, story.title, [*story.own[:-1], *more, story.own[-1]])

    def quoting(self, source="bare.example", stories=9):
        """Stories that end in one and the same quotation."""
        quote = "“We shall build it twice if we have to,” said the harbour master, and left."
        return [self.story(source, extra=[quote]) for _ in range(stories)]

    def trial(self, source="bare.example", stories=12):
        """Stories on one matter that all end in the same background and the same stock line."""
        background = (
            "The Tavrasmur bridge fell in the spring flood, and seven boats of Tavrasmur were lost."
        )
        for _ in range(stories):
            story = self.story(source)
            name = self.name()
            story.own[1] = f"The Tavrasmur hearing spoke of boats for {name} hours, and the bridge."
            story.own[2] = f"In spring nobody had thought of a flood, said {name} of the boats."
            story.own += [background, "The hearing continues."]
            yield story

    def columns(self, source="bare.example", stories=11):
        """A column under one title, with its writer's disclaimer."""
        for _ in range(stories):
            story = self.story(source)
            yield Article(source, COLUMN, story.own, tail=[DISCLAIMER])

    def tables(self, source="bare.example", stories=9):
        """Match reports that end in a table with the same heading and a list."""
        for _ in range(stories):
            rows = [f"{self.name()} {n} {n + 3} {self.chance.randrange(40)}" for n in range(3)]
            story = self.story(source, extra=["Club won drawn lost", *rows])
            yield story

    def lists(self, source="bare.example", stories=9):
        """Recipes whose list, under the text, has the same item in all of them."""
        for _ in range(stories):
            items = [f"- {self.name()} flour, {self.chance.randrange(900)} grams" for _ in range(3)]
            lead = f"This is what you need for the {self.name()} of the house:"
            yield self.story(source, extra=[lead, items[0], "- a pinch of salt", *items[1:]])

    def everything(self):
        """All of it, in an order that no source keeps to."""
        articles = [
            *self.papers(), *self.syndicated(), *self.reprinted(), *self.quoting(), *self.trial(),
            *self.columns(), *self.tables(), *self.lists(),
        ]  # fmt: skip
        self.chance.shuffle(articles)
        return articles


def write_records(path: Path, articles, *, first=0):
    """The articles as JSON lines, numbered in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({"id": f"a{n:05}", "source": a.source, "title": a.title, "text": a.text})
        for n, a in enumerate(articles, first)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture(scope="session")
def make_desk():
    return Desk


@pytest.fixture(scope="session")
def write():
    return write_records


@pytest.fixture(scope="session")
def run_once():
    """Curates a folder into another."""

    def run(source, output, *, now=NIGHT, batch_documents=20_000, **groups):
        given = {
            "execution": ExecutionSettings(workers=1, batch_documents=batch_documents),
            "validation": ValidationSettings(max_quarantine_share=1),
            **groups,
        }
        settings = Settings(**given)
        return curate(Run(str(source), Workspace(output), settings, LocalEngine(1), now))

    return run


@pytest.fixture(scope="session")
def press_run(tmp_path_factory, run_once):
    """All articles of a desk, curated: the articles by source_id, and the outcome."""
    folder = tmp_path_factory.mktemp("press")
    articles = Desk().everything()
    write_records(folder / "in" / "all.jsonl", articles)
    outcome = run_once(folder / "in", folder / "out")
    return {f"a{n:05}": one for n, one in enumerate(articles)}, outcome, folder


@pytest.fixture(scope="session")
def first_night():
    return NIGHT
