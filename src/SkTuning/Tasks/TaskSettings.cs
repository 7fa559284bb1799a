using System.Text.Json.Nodes;

namespace SkTuning.Tasks;

/// <summary>What an adapter stores for its task alone, such as thresholds. Immutable.</summary>
internal abstract record TaskSettings
{
    /// <summary>The task.</summary>
    public abstract TaskKind Kind { get; }

    /// <summary>Writes the settings' keys beside the other keys of the adapter's definition; defaults are left out.</summary>
    public virtual void Write(JsonObject definition) { }

    /// <summary>The tensors that are stored with those of the adapter; none by default.</summary>
    public virtual IReadOnlyList<TaskTensor> Tensors => [];

    /// <summary>Returns the settings with the tensors that are stored with an adapter.</summary>
    /// <param name="read">Reads a tensor; throws if there is none of that name.</param>
    /// <param name="file">The file of the tensors, for messages.</param>
    public virtual TaskSettings WithTensors(Func<string, TaskTensor> read, string file) => this;

    /// <summary>The settings without what needs tensors, for a format that cannot store them.</summary>
    public virtual TaskSettings WithoutTensors => this;

    /// <summary>Returns the settings of an untrained adapter, without what is decided from dev rows.</summary>
    public virtual TaskSettings Undecided => this;

    /// <summary>True if the scores are used unchanged, without a scale of the task.</summary>
    public virtual bool UsesPlainScores => true;
}
