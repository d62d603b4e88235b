"""Writes lines as sites write them; all chance comes from a seed.

All words are written by hand (written_furniture.toml), names are drawn from syllables.
"""

import random
import tomllib
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("written_furniture.toml").read_text("utf-8"))
LINES, LABELS = WORDS["lines"], WORDS["labels"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SMALL = frozenset(["in", "for", "of", "the", "to", "over", "at", "by", "as", "a"])
SITES = (
    "The {} Times", "{} Herald", "The {} Post", "{} Gazette", "Daily {}", "{} News", "{} Tribune",
    "The {} Star", "{} Today", "{} Press", "Radio {}", "{} Online", "{} Chronicle", "{} Echo",
)  # fmt: skip
HEADERS = (
    "Related stories", "Top Stories", "Most Popular", "More news", "Latest headlines",
    "Also in the news", "More from this section", "Other stories", "In this section",
    "More {s} News", "Latest {s} news", "Recent posts", "Don't miss", "Most emailed",
    "Related links", "Read more", "See also",
)  # fmt: skip
ITEMS = ("{head}", "{head}", "{head}", "{n}. {head}", "- {head}", "{head} - {date}")
ITEMS += ("{head} ({n})", "• {head}", "{clock} {head}")
HEAD_SIGNS = ("{date}", "{clock}", "By ", "by {", "{s} |", "Home", "Posted", "Updated", "Photo")
FOOTER = [line for line in LINES if any(sign in line for sign in ("opyright", "©", "site"))]
HEAD = [line for line in LINES if any(sign in line for sign in HEAD_SIGNS)]


class Pen:
    """Writes lines; all chance comes from its seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pick = self.chance.choice
        self.themes: list[str] = []

    def word(self) -> str:
        return "".join(self.pick(WORDS["syllables"]) for _ in range(self.pick((2, 2, 3)))).title()

    def name(self) -> str:
        return f"{self.word()} {self.word()}"

    def date(self) -> str:
        day, month, year = (
            self.chance.randint(1, 28),
            self.pick(MONTHS),
            self.chance.randint(1999, 2024),
        )
        number = MONTHS.index(month) + 1
        return self.pick((
            f"{month} {day}, {year}", f"{day} {month} {year}", f"{month[:3]} {day}, {year}",
            f"{month[:3]}. {day}, {year}", f"{day:02}/{number:02}/{year}",
            f"{year}-{number:02}-{day:02}", f"{day}-{month[:3]}-{year}", f"{month} {day}",
            f"{day}.{number}.{year}",
        ))  # fmt: skip

    def clock(self) -> str:
        hour, minute = self.chance.randint(1, 23), self.chance.randint(0, 59)
        half = self.pick(("am", "pm", "AM", "PM", "a.m.", "p.m."))
        zone = self.pick(("GMT", "EST", "EDT", "PST", "CET", "BST"))
        whole = f"{hour}:{minute:02}"
        return self.pick((f"{(hour - 1) % 12 + 1}:{minute:02} {half}", whole, f"{whole} {zone}"))

    def theme(self) -> str:
        """A word of the article, where its page speaks of it, else any."""
        return self.pick(self.themes) if self.themes and self.chance.random() < 0.6 else self.word()

    def fill(self, pattern: str) -> str:
        """A pattern with its names drawn."""
        if "{head}" in pattern or "{HEAD}" in pattern:
            head = self.headline()
            pattern = pattern.replace("{head}", head).replace("{HEAD}", head.upper())
        if "{nick}" in pattern:
            pattern = pattern.replace("{nick}", self.fill(self.pick(WORDS["nicks"])))
        section = [self.pick(WORDS["sections"]) for _ in range(4)]
        topic, bodies, place = self.pick(WORDS["topics"]), self.pick(WORDS["bodies"]), self.word()
        name = self.name()
        return pattern.format(
            x=self.pick(("read more stories", "see more photos", "subscribe", "see the results",
                         "order a copy", "register", "full coverage")),
            s=section[0], s2=section[1], s3=section[2], s4=section[3],
            topic=topic, topic2=self.pick(WORDS["topics"]), topic_c=topic.capitalize(),
            topic_l2=topic, org=bodies, org_s=bodies, org_l=bodies.lower(), bodies=bodies.lower(),
            verb=self.pick(WORDS["verbs"]), tail=self.pick(WORDS["circumstances"]),
            verb_p=self.pick(("rejected", "backed", "questioned", "welcomed", "delayed")),
            place=place, place2=self.word(), name=name, NAME=name.upper(), name2=self.name(),
            name3=self.name(), w1=self.theme(), w2=self.theme(),
            site=self.pick(SITES).format(self.word()),
            site2=self.pick(SITES).format(self.word()), mail=self.word().lower(),
            dom=self.word().lower() + self.pick((".com", ".org", ".net", ".example")),
            y=self.chance.randint(1998, 2024), n=self.chance.randint(1, 90),
            n2=self.chance.randint(1, 90), date=self.date(), clock=self.clock(),
            day=self.pick(DAYS),
        )  # fmt: skip

    def headline(self) -> str:
        line = self.fill(self.pick(WORDS["headlines"]))
        style = self.chance.random()
        if style < 0.4:
            words = line.split()
            return " ".join(w if w.lower() in SMALL else w[:1].upper() + w[1:] for w in words)
        return line.upper() if style < 0.45 else line

    def furniture(self, language: str | None = None) -> str:
        """One line of a page that is none of the article's."""
        kind = self.chance.random()
        if language and kind < 0.6:
            return self.pick(WORDS["other_languages"][language])
        if kind < 0.33:
            return self.label()
        if kind < 0.70:
            return self.fill(self.pick(LINES))
        if kind < 0.92:
            return self.headline()
        return self.fill(self.pick(WORDS["teasers"]))

    def label(self) -> str:
        label, style = self.pick(LABELS), self.chance.random()
        if style < 0.06:
            return label.upper()
        if style < 0.12:
            return label.title()
        return label + self.pick((":", " »", " >", "...")) if style < 0.2 else label

    def tail(self, most: int, language: str | None) -> list[tuple[str, str]]:
        """Furniture as sites stack it: buttons, headings with headlines, sections, a footer."""
        stack: list[tuple[str, str]] = []
        if self.chance.random() < 0.12:
            return [(line, "K") for line in self.comments(most)]
        while len(stack) < most:
            kind = self.chance.random()
            if kind < 0.25:
                lines = [self.furniture(language) for _ in range(self.chance.randint(1, 4))]
            elif kind < 0.55:
                lines = self.links(language)
            elif kind < 0.65:
                lines = self.chance.sample(WORDS["sections"], self.chance.randint(2, 6))
            elif kind < 0.75:
                lines = self.chance.sample(LABELS, self.chance.randint(2, 6))
            elif kind < 0.8:
                lines = [self.fill(line) for line in self.chance.sample(FOOTER, 2)]
            else:
                lines = self.pick((self.form, self.poll, self.notice, self.notice, self.ads))()
            stack += [(line, "B") for line in lines]
            if self.chance.random() < 0.04:
                stack += [(line, "K") for line in self.comments(most)]
        return stack[:most]

    def links(self, language: str | None) -> list[str]:
        """Headlines of other stories, most below a heading, some with a teaser or a date each."""
        stack = [self.fill(self.pick(HEADERS))] if self.chance.random() < 0.8 else []
        item, extra = self.pick(ITEMS), self.chance.random()
        for _ in range(self.chance.randint(2, 7)):
            stack.append(
                self.fill(item) if self.chance.random() < 0.9 else self.furniture(language)
            )
            if extra < 0.2 or self.chance.random() < 0.1:
                stack.append(self.fill(self.pick(WORDS["teasers"])))
            elif extra < 0.35:
                stack.append(
                    self.fill(
                        self.pick(
                            (
                                "{date}",
                                "{site}",
                                "{clock}",
                                "{s}",
                                "{site} - {date}",
                                "{n} hours ago",
                                "By {name}",
                                "{n} comments",
                            )
                        )
                    )
                )
        return stack

    def comments(self, most: int) -> list[str]:
        """What readers wrote, each with a line of who and when, maybe one of buttons."""
        chance = self.chance
        stack = [self.fill(self.pick(WORDS["comment_heads"]))] if chance.random() < 0.7 else []
        metas = chance.sample(WORDS["comment_metas"], chance.randint(1, 2))
        tools = chance.sample(WORDS["comment_tools"], chance.randint(1, 3))
        with_tools, below = chance.random() < 0.4, chance.random() < 0.3
        while len(stack) < most:
            said = [self.fill(x) for x in chance.sample(WORDS["opinions"], chance.randint(1, 5))]
            text = [" ".join(said)] if chance.random() < 0.7 else said
            text = [line.lower() for line in text] if chance.random() < 0.1 else text
            meta = [self.fill(line) for line in metas]
            stack += [*text, *meta] if below else [*meta, *text]
            if with_tools:
                stack += [self.fill(line) for line in tools]
        return stack[:most]

    def form(self) -> list[str]:
        """The fields of a form, in any order."""
        return [self.fill(x) for x in self.chance.sample(WORDS["forms"], self.chance.randint(2, 6))]

    def poll(self) -> list[str]:
        """A question and its answers."""
        count = self.chance.randint(2, 5)
        asked = [self.pick(WORDS["polls"]), *self.chance.sample(WORDS["poll_answers"], count)]
        return [self.fill(line) for line in asked]

    def notice(self) -> list[str]:
        """Sentences in which a site speaks of itself or of its writers."""
        chance = self.chance
        if chance.random() < 0.3:
            heading = [self.fill(self.pick(("About the author", "About {name}", "{name}")))]
            return [
                *(heading if chance.random() < 0.7 else []),
                self.fill(self.pick(WORDS["bios"])),
            ]
        return [self.fill(x) for x in chance.sample(WORDS["pitches"], chance.randint(1, 3))]

    def ads(self) -> list[str]:
        """Small ads, a few lines each."""
        return [self.fill(x) for x in self.chance.sample(WORDS["ads"], self.chance.randint(2, 6))]

    def inset(self) -> list[str]:
        """What stands between the paragraphs of an article."""
        first = self.fill(self.pick(WORDS["insets"]))
        more = self.chance.randint(1, 3) if self.chance.random() < 0.3 else 0
        return [first, *(self.headline() for _ in range(more))]

    def head(self, most: int, language: str | None) -> list[str]:
        """A few lines above an article: kicker, byline, date, buttons."""
        kinds = [self.chance.random() for _ in range(most)]
        return [
            self.fill(self.pick(HEAD)) if kind < 0.45
            else self.pick(WORDS["sections"]) if kind < 0.55
            else self.fill(self.pick(WORDS["teasers"])) if kind < 0.62
            else self.furniture(language)
            for kind in kinds
        ]  # fmt: skip
