using SkTuning.Fuzz.Mutation;

namespace SkTuning.Fuzz.Running;

/// <summary>A valid input: its files by their relative path, and which of them are damaged.</summary>
internal sealed record Seed(string Name, IReadOnlyDictionary<string, byte[]> Files, IReadOnlyList<string> Damaged)
{
    /// <summary>Reads the input in a folder.</summary>
    public static Seed Of(string folder, Func<string, bool>? isDamaged = null, params string[] extra)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes);
        foreach (var file in extra) files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        return new(Path.GetFileName(folder), files, [.. files.Keys.Where(isDamaged ?? (_ => true)).Order(StringComparer.Ordinal)]);
    }
}

/// <summary>One kind of input that the product reads. A new kind is one more class in <see cref="Readers.AllReaders"/>.</summary>
internal abstract class Reader
{
    /// <summary>The name on the command line and in the table.</summary>
    public abstract string Name { get; }

    /// <summary>How many inputs this reader gets, relative to the others.</summary>
    public virtual int Weight => 2;

    /// <summary>What a refusal may name in place of a file.</summary>
    public virtual IReadOnlyList<string> Names => [];

    /// <summary>Creates the valid inputs. Called once, in the process that starts the workers.</summary>
    /// <param name="folder">An empty folder to work in.</param>
    public abstract IEnumerable<Seed> CreateSeeds(string folder);

    /// <summary>Loads the input and uses it, reporting each result.</summary>
    /// <exception cref="SkTuningException">The input is refused.</exception>
    public abstract void Use(string folder, Use use);

    /// <summary>How a file is damaged.</summary>
    public virtual IReadOnlyList<Mutator> MutatorsOf(string file) => Mutator.Of(file);
}

/// <summary>What a reader reports while it uses an input.</summary>
internal sealed class Use
{
    /// <summary>Whether the input has been loaded: from here on a refusal may name what was asked for and not the file.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>The input was accepted.</summary>
    public void Loaded() => IsLoaded = true;

    /// <summary>A result must be a number.</summary>
    public static void Number(string what, double value)
    {
        if (!double.IsFinite(value)) throw new NotFiniteException($"{what} is {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
    }

    /// <summary>A result must be as documented.</summary>
    public static void Holds(bool condition, string what)
    {
        if (!condition) throw new WrongResultException(what);
    }

    /// <summary>A prediction has an error, or nothing but numbers.</summary>
    public static void Prediction(TaskPrediction prediction)
    {
        if (prediction.Error is not null) return;
        switch (prediction)
        {
            case TextClassifierPrediction p:
                Number("Confidence", p.Confidence);
                foreach (var (label, score) in p.Scores) Number($"the score of '{label}'", score);
                Number("OutOfScopeScore", p.OutOfScopeScore ?? 0);
                Holds(p.PossibleLabels is null or { Count: > 0 }, "an empty set of labels");
                break;
            case OrdinalClassifierPrediction p:
                Number("Confidence", p.Confidence);
                Number("ExpectedLevel", p.ExpectedLevel);
                foreach (var (label, score) in p.Scores) Number($"the score of '{label}'", score);
                break;
            case MultiLabelClassifierPrediction p:
                foreach (var (label, score) in p.Scores) Number($"the score of '{label}'", score);
                break;
            case TextRegressorPrediction p: Number("Value", p.Value); break;
            case TokenClassifierPrediction p:
                foreach (var confidence in p.Confidences) Number("a tag's confidence", confidence);
                break;
            default: throw new WrongResultException($"the kind of prediction {prediction.GetType().Name} is not checked");
        }
        prediction.ToJson().ToJsonString();
    }
}

/// <summary>An input was accepted, and a result is not a number.</summary>
internal sealed class NotFiniteException(string message) : Exception(message);

/// <summary>An input was accepted, and a result is not as documented.</summary>
internal sealed class WrongResultException(string message) : Exception(message);
