"""What the headlines say of what somebody holds: a mood for each instrument, with its sources.

    reading, fetching ─▶ stories ─▶ linking ───────┐
              marks ─▶ moves ─▶ features ─▶ sentiment ─┴▶ mood ─▶ warning     newsroom: all of it

A mood is shown with its headlines, and never trades. docs/cards/news.md says what it is worth.
Nothing is imported here: a process that serves loads the libraries (five seconds) in a thread.
"""
