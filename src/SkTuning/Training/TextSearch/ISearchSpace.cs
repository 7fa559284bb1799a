namespace SkTuning.Training;

/// <summary>The candidates of a search, and the edits that lead from one to another.</summary>
/// <typeparam name="T">The type of the candidates.</typeparam>
internal interface ISearchSpace<T>
{
    /// <summary>The options that the pieces of candidates come from, for a message.</summary>
    string Sources { get; }

    /// <summary>Returns what equal candidates have in common.</summary>
    string Key(T candidate);

    /// <summary>Returns every candidate that is one edit away. What was edited names the kind of the edit and the piece.</summary>
    IEnumerable<(string Edit, T Candidate)> Edits(T candidate);

    /// <summary>Returns every candidate, one after another: there may be more than can be counted.</summary>
    IEnumerable<T> All(T written);
}
