namespace SkTuning;

/// <summary>Specifies what the order of the levels of a classifier of levels comes from.</summary>
public enum LevelOrder
{
    /// <summary>The order was given: <c>OrdinalClassifierOptions.Levels</c>.</summary>
    Given,

    /// <summary>All labels are numbers, and the lowest number is the lowest level.</summary>
    Number,

    /// <summary>The labels have the order in which they first appear in the training rows.</summary>
    Appearance,
}
