"""Writes what XGBoost, LightGBM, scikit-learn and shap say of small models, for the tests to be held against.

    pip install numpy scikit-learn xgboost lightgbm shap
    python scripts/peers/model-vectors.py test/core/model/vectors

Rows have missing values, zeros and repeats. Predictions are probabilities; contributions are exact path-dependent
SHAP values with the base last, in logits for boosted trees and as probability for the forest.
"""
import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import shap
import xgboost
from sklearn.ensemble import RandomForestClassifier

out = Path(sys.argv[1])
random = np.random.default_rng(20260302)
ROWS, FEATURES = 400, 6


def rows(count):
    x = random.normal(0, 10, (count, FEATURES)).round(2)
    x[:, 1] = random.integers(0, 4, count)
    x[:, 2] = np.where(random.random(count) < 0.5, 0, x[:, 2])
    return x


train = rows(ROWS)
label = ((train[:, 0] > 3) & (train[:, 1] > 1) | (train[:, 2] > 8) | (random.random(ROWS) < 0.05)).astype(int)
holed = np.where(random.random(train.shape) < 0.15, np.nan, train)
asked = rows(60)
asked_holed = np.where(random.random(asked.shape) < 0.2, np.nan, asked)


def listed(matrix):
    return [[None if np.isnan(value) else float(value) for value in row] for row in matrix]


def write(name, vectors):
    (out / f"{name}.json").write_text(json.dumps(vectors, separators=(",", ":")) + "\n")


booster = xgboost.train(
    {"objective": "binary:logistic", "max_depth": 4, "eta": 0.4, "seed": 1, "base_score": 0.3},
    xgboost.DMatrix(holed, label),
    num_boost_round=8,
)
matrix = xgboost.DMatrix(asked_holed)
write("xgboost", {
    "model": json.loads(booster.save_raw("json")),
    "rows": listed(asked_holed),
    "predictions": [float(value) for value in booster.predict(matrix)],
    "contributions": booster.predict(matrix, pred_contribs=True).astype(float).tolist(),
})

light = lightgbm.train(
    {"objective": "binary", "num_leaves": 9, "min_data_in_leaf": 5, "learning_rate": 0.3, "seed": 1, "verbose": -1},
    lightgbm.Dataset(holed, label),
    num_boost_round=8,
)
write("lightgbm", {
    "model": light.model_to_string(),
    "rows": listed(asked_holed),
    "predictions": light.predict(asked_holed).tolist(),
    "contributions": light.predict(asked_holed, pred_contrib=True).tolist(),
})

forest = RandomForestClassifier(8, max_depth=5, random_state=1).fit(train, label)


def node_of(tree, at):
    cover = float(tree.weighted_n_node_samples[at])
    if tree.children_left[at] < 0:
        counts = tree.value[at][0]
        return {"value": float(counts[1] / counts.sum()), "cover": cover}
    return {
        "feature": int(tree.feature[at]),
        # It goes left up to the threshold, in single precision.
        "threshold": float(np.nextafter(tree.threshold[at], np.inf)),
        "missingLeft": False,
        "cover": cover,
        "left": node_of(tree, tree.children_left[at]),
        "right": node_of(tree, tree.children_right[at]),
    }


explained = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
values = explained.shap_values(asked)[:, :, 1]
base = np.full((len(asked), 1), explained.expected_value[1])
write("random-forest", {
    "model": [node_of(one.tree_, 0) for one in forest.estimators_],
    "rows": listed(asked),
    "predictions": forest.predict_proba(asked)[:, 1].tolist(),
    "contributions": np.hstack([values, base]).tolist(),
})
