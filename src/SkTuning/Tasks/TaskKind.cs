using System.Text.Json.Nodes;
using SkTuning.Tasks;

namespace SkTuning;

/// <summary>A kind of task, such as <c>single-label</c>: what an adapter predicts for a row. <see cref="TaskKinds"/> lists all of them.</summary>
public abstract class TaskKind
{
    /// <summary>The task of adapter files that name none: the first version had one task.</summary>
    internal const string First = "single-label";

    private protected TaskKind() { }

    /// <summary>Gets the name, as in adapter files and on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The minimum number of labels.</summary>
    internal virtual int MinLabels => 1;

    /// <summary>True if each row has exactly one label: a head may score label words.</summary>
    internal virtual bool ChoosesOneLabel => false;

    /// <summary>True if the labels are levels, in ascending order. Training cannot add one: nothing says where it belongs.</summary>
    internal virtual bool HasLevels => false;

    /// <summary>True if each word has an answer, not each row.</summary>
    internal virtual bool AnswersPerWord => false;

    /// <summary>The <c>problem_type</c> that transformers' config.json gives the task; null if it has none.</summary>
    internal virtual string? ProblemType => null;

    /// <summary>The line of Python that prints a prediction from <c>logits</c> and <c>labels</c>, for the README of an exported adapter.</summary>
    internal abstract string PythonPrediction(TaskSettings settings);

    /// <summary>The settings of an imported adapter, of which nothing but the labels is known.</summary>
    internal abstract TaskSettings DefaultSettings { get; }

    /// <summary>The labels where the caller does not name them; null if the caller must.</summary>
    internal virtual IReadOnlyList<string>? FixedLabels => null;

    /// <summary>Reads the task's own keys of an adapter's definition.</summary>
    /// <param name="definition">All keys of the definition that the library itself does not know.</param>
    /// <param name="labels">The number of labels.</param>
    /// <param name="file">The file, for messages.</param>
    /// <exception cref="SkTuningFileException">A value cannot be used.</exception>
    internal abstract TaskSettings ReadSettings(JsonObject definition, int labels, string file);
}
