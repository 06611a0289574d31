"""What the made-up run is made of."""

DATASETS = ("simulated-ptb-xl", "simulated-georgia", "simulated-chn")
ENCODERS = {"conv": 200, "features": 120, "age-sex": 3}
STRENGTH = {"conv": 0.72, "features": 0.86, "age-sex": 0.5}
TASKS = ("af", "cd")
SIZES = {"S": 250, "L": 1000}
FOLDS = 5
PROBES = ("logistic-regression", "xgboost")
TOO_FEW = "a draw of 1000 records (equal) needs 500 positives, has 301. Use a smaller size."
