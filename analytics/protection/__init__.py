"""Protection: what models and rules say of an act before it happens, to the bank that asks.

    keeper.py       the fraud state of a process, warm and up to date with the bank
    scorer.py       one payment: the model's probability and the rules that speak, as shares
    card_watch.py   card payments already made: unlike their customer? then they are asked
    background.py   the threads of both, for a process that serves

What is said in a chat is heard in web/chat/listening.py. How shares become a decision is the
bank's: bank/policies/protection.py.
"""
