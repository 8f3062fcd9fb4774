"""What anybody may see of a story: the one place that decides it, for pages, API, feeds and mails alike."""

from dataclasses import dataclass

from chalicelib.stories.rules.cutting import beginning
from chalicelib.stories.rules.story import Story, StoryCard
from chalicelib.stories.rules.text import count_words, plain


@dataclass(frozen=True)
class Outside:
    """A story as who is no member sees it; of what is cut nothing is in it."""

    html: str
    subtitle: str
    is_whole: bool

    @property
    def words(self) -> int:
        return count_words(self.html)

    def said(self, length_max: int) -> str:
        """What descriptions say of it: its subtitle, or how what everybody sees begins."""
        return self.subtitle or plain(self.html, length_max)


def preview_of(card: StoryCard, html: str) -> str:
    """What is kept beside a members-only text as it comes out, to be all that others are shown."""
    return beginning(html, card.preview_words_shown)


def outside(story: Story) -> Outside:
    """What anybody may see of a published story, signed in or not."""
    html = story.preview if story.is_members_only else story.html
    return Outside(html, story.subtitle, not story.is_members_only)
