"""The bank: its rules, its books and its doors' keys. Nothing here knows of chat or pages."""
