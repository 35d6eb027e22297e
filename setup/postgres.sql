-- A database of its own for the encrypted conversations, so that their role never sees the books.
CREATE DATABASE conversations;
