using System.CommandLine;

namespace SkTuning.Tool.Commands;

/// <summary>The options for texts that belong to none of the labels.</summary>
internal sealed class RejectionArguments
{
    private readonly Option<bool> _reject = new("--reject")
    {
        Description = "Also learn to reject texts that belong to none of the labels: they are marked as out of scope. "
            + "By default, about 5 % of the texts that belong to a label are rejected, too.",
    };

    private readonly Option<double?> _fraction = new("--reject-fraction")
    {
        Description = "The fraction of the texts that belong to a label that may be rejected, from 0 to 0.5. The default is 0.05; "
            + "if there are rows with --out-of-scope-label, they decide.",
    };

    private readonly Option<RejectionScore?> _score = new("--reject-score")
    {
        Description = "The score that decides whether a text is out of scope. By default, the rows decide.",
    };

    private readonly Option<string?> _label = new("--out-of-scope-label")
    {
        Description = "The label of rows that belong to none of the labels, such as oos. They are not trained on: they select the score and its threshold.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_reject, _score, _fraction, _label]) command.Add(option);
        command.AddRule(result =>
        {
            if (result.GetValue(_reject)) return;
            (Option, bool)[] needing =
            [
                (_score, result.GetValue(_score) is not null), (_fraction, result.GetValue(_fraction) is not null),
                (_label, result.GetValue(_label) is not null),
            ];
            foreach (var (option, isGiven) in needing)
                if (isGiven) result.AddError($"Option '{option.Name}' requires '--reject'.");
        });
        _fraction.AddRule(result =>
        {
            if (result.GetValue(_fraction) is { } fraction && fraction is not (>= 0 and <= 0.5))
                result.AddError(FormattableString.Invariant($"--reject-fraction {fraction}: expected a number from 0 to 0.5."));
        });
    }

    /// <summary>Returns the options with those of the command line.</summary>
    /// <exception cref="SkTuningException">The task cannot reject texts.</exception>
    public AdapterOptions Fill(AdapterOptions options, ParseResult parsed)
    {
        if (!parsed.GetValue(_reject)) return options;
        return options is TextClassifierOptions classifier
            ? classifier with
            {
                Rejection = new()
                {
                    Score = parsed.GetValue(_score),
                    RejectedFraction = parsed.GetValue(_fraction),
                    OutOfScopeLabel = parsed.GetValue(_label),
                },
            }
            : throw new SkTuningException($"Option '--reject' requires '--task {TaskKinds.All[0].Name}'.");
    }
}
