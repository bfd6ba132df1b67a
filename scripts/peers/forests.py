"""Grows a forest on labelled rows and scores others: what scikit-learn and xgboost make of them.

    python scripts/peers/forests.py scikit-learn '{"train": FOLDER, "test": FOLDER, "out": FILE, ...}'

A folder has rows.f32 (rows one after the other, NaN where there is no value) and labels.u8. Writes the scores as
doubles and prints what it took. One thread.
"""
import json
import os
import resource
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np

peer, order = sys.argv[1], json.loads(sys.argv[2])
depth, leaf, seed, trees = (order[name] for name in ("depth", "leaf", "seed", "trees"))


def part(folder):
    labels = np.fromfile(f"{folder}/labels.u8", dtype=np.uint8)
    return np.fromfile(f"{folder}/rows.f32", dtype=np.float32).reshape(len(labels), -1), labels


rows, labels = part(order["train"])
asked, _ = part(order["test"])
# Fraud counts up to a quarter of all weight, as it does here.
frauds = int(labels.sum())
weight = max(1.0, (len(labels) - frauds) / frauds / 3)

if peer == "scikit-learn":
    import sklearn
    from sklearn.ensemble import RandomForestClassifier

    version = sklearn.__version__
    model = RandomForestClassifier(
        trees, max_depth=depth, min_samples_leaf=leaf, max_features=order["featuresPerNode"],
        class_weight={0: 1.0, 1: weight}, random_state=seed, n_jobs=1,
    )
else:
    import xgboost

    version = xgboost.__version__
    model = xgboost.XGBClassifier(
        n_estimators=trees, max_depth=6, learning_rate=0.1, scale_pos_weight=weight, random_state=seed, n_jobs=1,
    )

started, cpu = time.perf_counter(), time.process_time()
model.fit(rows, labels)
took = {"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}
model.predict_proba(asked)[:, 1].astype(np.float64).tofile(order["out"])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({**took, "peakRssBytes": peak, "version": version}))
