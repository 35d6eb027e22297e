"""The portfolio room: risk in figures, weights that keep to limits, and what may become of money.

    market.py ─▶ Closes ─┬─▶ allocating.py    weights over recommended instruments
                         ├─▶ outlook.py       an Outlook: all that a sentence or a picture needs
                         │     ├ measures · garch · var · contributions     risk as it is
                         │     └ fan · stress                               what may come
                         └─▶ evaluating.py    walk-forward, beside equal weight, after costs
    optimising.py  skfolio's optimisers · closed_forms.py  where a formula does
    pictures.py    allocation, risk and return, fan

Figures only, money in minor units; sentences belong to the dialogue. Nothing here trades, and
nothing foretells a price: chances come with the range that history leaves open.
"""
