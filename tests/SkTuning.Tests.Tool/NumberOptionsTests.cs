using System.CommandLine;
using System.Globalization;
using SkTuning.Tool.Commands;

namespace SkTuning.Tests.Tool;

/// <summary>Numbers on the command line have a decimal point, whatever the machine's language.</summary>
public sealed class NumberOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void A_number_is_read_with_a_decimal_point_in_every_culture(string culture)
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);   // of this test alone
        var (plain, optional, child) = (new Option<double>("--plain"), new Option<double?>("--optional"), new Command("child"));
        child.Add(plain);
        child.Add(optional);
        var root = new Command("root") { child };
        NumberOptions.ApplyTo(root);
        var parsed = root.Parse(["child", "--plain", "0.001", "--optional", "-2.5e1"]);
        Assert.Empty(parsed.Errors);
        Assert.Equal((0.001, -25.0), (parsed.GetValue(plain), parsed.GetValue(optional)));
        Assert.Null(root.Parse(["child"]).GetValue(optional));
        foreach (var refused in (string[])["0,5", "1,000", "1.000,5", "nan", "x"])
            Assert.Equal($"Option '--plain' is '{refused}', expected a number such as 0.5, with a decimal point.",
                Assert.Single(root.Parse(["child", "--plain", refused]).Errors).Message);
    }
}
