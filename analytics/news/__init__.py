"""What the headlines say of what somebody holds: a mood for each instrument, with its sources.

    reading, fetching ─▶ stories ─▶ linking ───────┐
              marks ─▶ moves ─▶ features ─▶ sentiment ─┴▶ mood ─▶ warning     newsroom: all of it

A mood is shown with its headlines, and never trades. docs/cards/news.md says what it is worth.
"""

from analytics.news.mood import Mood, Told
from analytics.news.newsroom import Newsroom
from analytics.news.sentiment import Sentiment, SentimentModel, Tone
from analytics.news.stories import Headline
from analytics.news.warning import EarlyWarning

__all__ = ["EarlyWarning", "Headline", "Mood", "Newsroom", "Sentiment", "SentimentModel",
           "Told", "Tone"]  # fmt: skip
