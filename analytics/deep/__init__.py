"""A neural network for tables: learnt with Keras, kept as ONNX, served without either.

    learning.py   needs the extra `deep` (Keras 3 on torch)     rows ─▶ weights
      exporting.py needs it too (onnx)                          weights ─▶ one ONNX file, checked
    network.py    needs onnxruntime alone, which every branch has

`uv sync --extra deep` brings what learning needs; who only serves never installs it. Measured
beside trees by `python -m benchmarks.fraud --deep`: on such tables it is no better than they are.
"""
