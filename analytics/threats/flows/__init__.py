"""Connections scored by a learnt model: any table of numbers and categories, labels or none.

table ──▶ learning.py ──▶ FlowModel ──save──▶ folder ──load──▶ scoring.py ──▶ alerts
                            │
          members: forest and boosting on labels, autoencoder and isolation forest on normals
          fusion.py: how rare each member's score is among normal rows, added up
"""
