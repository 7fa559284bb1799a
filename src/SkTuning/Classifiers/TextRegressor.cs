using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Models;
using SkTuning.Tasks;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>What a <see cref="TextRegressor"/> is trained to do, and how.</summary>
public sealed record TextRegressorOptions : AdapterOptions
{
    /// <summary>Rows that choose the best epoch; null: a part of the training rows is held out.</summary>
    public IReadOnlyList<Row>? Dev { get; init; }
}

/// <summary>The number of one text.</summary>
public sealed record RegressionPrediction
{
    /// <summary>The number, in the unit of the training rows; NaN when <see cref="Error"/> is set.</summary>
    public required double Value { get; init; }

    /// <summary>True when the text was too long and its end was not read.</summary>
    public bool WasCut { get; init; }

    /// <summary>Why there is no number, when many texts were given and this one could not be read; null otherwise.</summary>
    public string? Error { get; init; }
}

/// <summary>Tells a number for each text or pair of texts: a grade, a similarity. The label of the rows is the number.</summary>
public sealed class TextRegressor : TunedAdapter
{
    internal const string Output = "value";

    internal TextRegressor(AdapterRuntime runtime) : base(runtime) { }

    /// <summary>Trains a regressor on rows; the model stays as it is.</summary>
    /// <param name="model">The frozen base, which must outlive the regressor.</param>
    /// <param name="rows">Texts, or pairs of texts, whose labels are numbers.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Told after every step, on the training thread.</param>
    /// <param name="cancel">Stops behind the current step with <see cref="TrainingCanceledException"/>, which holds what was trained.</param>
    /// <exception cref="SkTuningException">An option or a row cannot be used; the message names it.</exception>
    public static TextRegressor Train(FrozenModel model, IEnumerable<Row> rows, TextRegressorOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        var (train, dev, heldOut) = TaskTraining.Split(rows, options.Dev, options.Training);
        double[] numbers = [.. train.Select((r, i) => r.Score($"the training rows, row {i + 1}"))];
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
        if (deviation == 0) throw new SkTuningException($"All training rows have the number {mean}: there is nothing to learn.");
        var definition = NewDefinition.Of(model, options, RegressionObjective.Name, [Output], Pairs.AllOrNone(train.Concat(dev))) with { Mean = mean, Deviation = deviation };
        var regressor = new TextRegressor(new(model, definition));
        return TaskTraining.Run(regressor, () => new(regressor.Encoded(train, "the training rows"), regressor.Encoded(dev, "the dev rows"), heldOut), regressor.Objective, options.Training, progress, cancel);
    }

    /// <summary><see cref="Train"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Train"/>
    public static Task<TextRegressor> TrainAsync(FrozenModel model, IEnumerable<Row> rows, TextRegressorOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
        => TaskTraining.OnItsOwnThread(() => Train(model, rows, options, progress, cancel));

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base is another one, the prompt was edited, the task is another, or a file is damaged; the message says which.</exception>
    public static TextRegressor Load(string folder, FrozenModel model) => new(AdapterRuntime.Load(folder, model, RegressionObjective.Name));

    /// <summary>The number of one text.</summary>
    public RegressionPrediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Predict([text])[0];
    }

    /// <summary>The numbers of many texts, in their order. A text that cannot be read gets a <see cref="RegressionPrediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<RegressionPrediction> Predict(IReadOnlyList<string> texts, CancellationToken cancel = default) => PredictPairs([.. texts.Select(t => (t, (string?)null))], cancel);

    /// <summary>The numbers of many texts or pairs of texts, in their order. One that cannot be read gets a <see cref="RegressionPrediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<RegressionPrediction> PredictPairs(IReadOnlyList<(string Text, string? Text2)> texts, CancellationToken cancel = default)
    {
        var (encoded, errors) = EncodedTexts.Of(Runtime, texts);
        var predictions = new RegressionPrediction[texts.Count];
        foreach (var (i, error) in errors) predictions[i] = new() { Value = double.NaN, Error = error };
        if (encoded.Count == 0) return predictions;
        foreach (var ((i, row), value) in encoded.Zip(Values([.. encoded.Select(e => e.Row)], cancel))) predictions[i] = new() { Value = value, WasCut = row.WasCut };
        return predictions;
    }

    /// <summary>Measures the regressor on rows whose labels are numbers.</summary>
    public RegressionReport Evaluate(IReadOnlyList<Row> rows, CancellationToken cancel = default)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to evaluate.");
        var encoded = Encoded(rows, "the rows to evaluate");
        return RegressionReport.Of([.. encoded.Select(r => (double)r.Values[0])], Values(encoded, cancel));
    }

    private RegressionObjective Objective => new(Runtime.Definition.Mean!.Value, Runtime.Definition.Deviation!.Value);

    private double[] Values(IReadOnlyList<EncodedRow> rows, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        return Objective.Values(Runtime.Outputs(rows, cancel));
    }

    private IReadOnlyList<EncodedRow> Encoded(IReadOnlyList<Row> rows, string where)
        => [.. rows.Select((r, i) => Runtime.Encoder.Encode(r.Text, ReadsPairs ? r.Text2 : null) with { Values = [(float)r.Score($"{where}, row {i + 1}")] })];
}
