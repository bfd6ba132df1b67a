"""Grows trees with XGBoost and with LightGBM on the rows that `train --rows` wrote, for `train --forest`.

    pip install numpy pandas xgboost lightgbm
    npx couponguard generate --seed 7 --events 20000 --out day.avro
    npx couponguard train day.avro --rows rows.csv
    python scripts/peers/grow-elsewhere.py rows.csv grown

It learns from the part `train` alone, and keeps a fifth of its users to know when to stop; so the part `test` is new to the
trees. Writes xgboost.json, lightgbm.txt, and asked.json: some rows with what each of the two says of them. The vectors of
the tests, test/core/model/vectors/elsewhere, were made with `--signals 16 --rounds 16 --depth 3` and formatted.
"""
import argparse
import json
from pathlib import Path

import lightgbm
import numpy as np
import pandas
import xgboost

parser = argparse.ArgumentParser()
parser.add_argument("rows")
parser.add_argument("out")
parser.add_argument("--signals", type=int, help="only so many, those that XGBoost splits by the most")
parser.add_argument("--rounds", type=int, default=300)
parser.add_argument("--depth", type=int, default=6)
arguments = parser.parse_args()
out = Path(arguments.out)
out.mkdir(parents=True, exist_ok=True)

rows = pandas.read_csv(arguments.rows, dtype={"kind": "string"})
described = ["part", "label", "kind", "user", "occurred_at"]
signals = [name for name in rows.columns if name not in described]
learned = rows[rows.part == "train"]
stops = learned.user % 5 == 0


def boosted(names):
    matrix = xgboost.DMatrix(learned[~stops][names], learned[~stops].label)
    watched = xgboost.DMatrix(learned[stops][names], learned[stops].label)
    booster = xgboost.train(
        {"objective": "binary:logistic", "eval_metric": "aucpr", "max_depth": arguments.depth, "eta": 0.15, "seed": 1},
        matrix,
        num_boost_round=arguments.rounds,
        evals=[(watched, "stop")],
        early_stopping_rounds=20,
        verbose_eval=False,
    )
    # The file would hold the trees after the best one too.
    return booster[: booster.best_iteration + 1]


if arguments.signals is not None:
    gain = boosted(signals).get_score(importance_type="gain")
    signals = sorted(sorted(gain, key=gain.get, reverse=True)[: arguments.signals], key=signals.index)
booster = boosted(signals)
booster.save_model(out / "xgboost.json")

light = lightgbm.train(
    {
        "objective": "binary",
        "metric": "average_precision",
        "num_leaves": 2**arguments.depth - 1,
        "learning_rate": 0.1,
        "seed": 1,
        "verbose": -1,
    },
    lightgbm.Dataset(learned[~stops][signals], learned[~stops].label),
    num_boost_round=arguments.rounds,
    valid_sets=[lightgbm.Dataset(learned[stops][signals], learned[stops].label)],
    callbacks=[lightgbm.early_stopping(20, verbose=False)],
)
light.save_model(out / "lightgbm.txt")

asked = rows.groupby("label").sample(30, random_state=1).sort_index()[signals]
values = [[None if np.isnan(value) else value for value in row] for row in asked.to_numpy(float).tolist()]
spoken = {
    "features": signals,
    "rows": values,
    "xgboost": booster.predict(xgboost.DMatrix(asked)).astype(float).tolist(),
    "lightgbm": light.predict(asked).tolist(),
}
(out / "asked.json").write_text(json.dumps(spoken, separators=(",", ":")) + "\n")
print(f"{booster.num_boosted_rounds()} rounds of XGBoost, {light.best_iteration} of LightGBM, {len(signals)} signals")
