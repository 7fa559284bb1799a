using System.CommandLine;

namespace SkTuning.Tool.Commands;

/// <summary>The check of the options for a maximum number of tokens.</summary>
internal static class TokenLimit
{
    /// <summary>Refuses values below 1.</summary>
    public static Option<int?> AtLeastOne(this Option<int?> option)
    {
        option.AddRule(result =>
        {
            if (result.GetValue(option) is < 1 and var value) result.AddError($"{option.Name} {value}: expected 1 or more.");
        });
        return option;
    }
}
