namespace SkTuning.Reports.Runs;

/// <summary>A training step. Missing numbers are NaN.</summary>
internal sealed record StepPoint(int Step, double Loss, double LearningRate);

/// <summary>The end of an epoch. Epoch 0 is the head without the adapter.</summary>
internal sealed record EpochPoint(int Epoch, int Step, double TrainLoss, double DevLoss, double DevScore, bool IsBest);

/// <summary>A dev row with one label.</summary>
internal sealed record LabeledRow(string Text, string Label, string Predicted, double Confidence, double[] Scores);

/// <summary>A dev row with a level: its index, that of the predicted level, and the expected level from 0.</summary>
internal sealed record LeveledRow(string Text, int Level, int Predicted, double Expected, double Confidence);

/// <summary>A dev row with any number of labels. The arrays are in the order of the run's labels.</summary>
internal sealed record MultiLabeledRow(string Text, bool[] Labels, bool[] Predicted, double[] Scores);

/// <summary>A dev row with a number.</summary>
internal sealed record ScoredRow(string Text, double Label, double Predicted);

/// <summary>A dev row whose words have tags.</summary>
internal sealed record TaggedRow(string[] Words, string[] Tags, string[] Predicted);
