using System.Globalization;
using SkTuning.Reports.Pictures;
using SkTuning.Tool.Output;

namespace SkTuning.Tests.Reports;

/// <summary>Axes, colors and marked sections of files.</summary>
public sealed class PictureTests
{
    [Theory]
    [InlineData(0, 80, "0 20 40 60 80")]
    [InlineData(0.7, 0.7875, "0.7 0.72 0.74 0.76 0.78 0.8")]
    [InlineData(-3, 4, "-4 -2 0 2 4")]
    [InlineData(5, 5, "4.5 4.6 4.7 4.8 4.9 5")]
    [InlineData(0, 0.00002, "0 5e-6 1e-5 1.5e-5 2e-5")]
    public void A_linear_axis_contains_all_values(double low, double high, string ticks)
    {
        var axis = Axis.Linear("x", [low, double.NaN, high]);
        Assert.Equal(ticks, string.Join(' ', axis.Ticks.Select(t => t.Text)));
        Assert.All(axis.Ticks, t => Assert.Equal(double.Parse(t.Text, CultureInfo.InvariantCulture), t.Place, 1e-12));
        Assert.True(axis.Low <= low && axis.High >= high);
        Assert.Equal(axis.Ticks[0].Place, axis.Low, 1e-12);
        Assert.Equal(axis.Ticks[^1].Place, axis.High, 1e-12);
    }

    [Fact]
    public void A_linear_axis_from_0_begins_there_unless_a_value_is_negative()
    {
        Assert.Equal((0, 4), Ends(Axis.Linear("x", [3, 4], fromZero: true)));
        Assert.Equal((3, 4), Ends(Axis.Linear("x", [3, 4])));
        Assert.Equal((-1, 4), Ends(Axis.Linear("x", [-1, 4], fromZero: true)));
        Assert.Equal((-4, -2), Ends(Axis.Linear("x", [-4, -2], fromZero: true)));

        static (double, double) Ends(Axis axis) => (axis.Low, axis.High);
    }

    [Theory]
    [InlineData(0.5, 1, "0 1")]
    [InlineData(3, 3, "0 1 2 3")]
    [InlineData(12, 12, "0 5 10")]
    [InlineData(50_000, 50_000, "0 10k 20k 30k 40k 50k")]
    [InlineData(5_000_000, 5_000_000, "0 1M 2M 3M 4M 5M")]
    public void An_axis_of_counts_has_integers_and_ends_at_the_last(double last, double high, string ticks)
    {
        var axis = Axis.Counted("x", last);
        Assert.Equal((0, high, ticks), (axis.Low, axis.High, string.Join(' ', axis.Ticks.Select(t => t.Text))));
        Assert.Equal(Enumerable.Range(0, axis.Ticks.Count).Select(i => i * axis.Ticks[1].Place), axis.Ticks.Select(t => t.Place));
        Assert.Equal(last switch { < 5 => 1, < 20 => 5, _ => last / 5 }, axis.Ticks[1].Place);
    }

    [Fact]
    public void An_axis_of_names_has_one_at_each_integer_and_needs_no_padding()
    {
        var names = Axis.Names("x", ["a", "b"]);
        Assert.Equal([(0.0, "a"), (1.0, "b")], names.Ticks);
        Assert.Equal((-0.5, 1.5), (names.Low, names.High));
        Assert.Same(names, names.Padded());
        var padded = Axis.Linear("x", [20, 60]).Padded();
        Assert.Equal((19, 61), (padded.Low, padded.High));
    }

    [Fact]
    public void A_logarithmic_axis_has_labels_for_one_value_and_for_many()
    {
        var many = Axis.Logarithmic("x", [900, 200_000]);
        Assert.Equal([(3.0, "1000"), (4.0, "10k"), (5.0, "100k")], many.Ticks);
        Assert.Equal((Math.Log10(900) - 0.2, Math.Log10(200_000) + 0.2), (many.Low, many.High));
        // A tick at the very end of the axis, which is a fifth of a decade beyond the value.
        Assert.Contains((1.0, "10"), Axis.Logarithmic("x", [15.848931924611133]).Ticks);
        Assert.Contains((1.0, "10"), Axis.Logarithmic("x", [6.309573444801933]).Ticks);
        Assert.Equal(["5", "6", "8", "10"], Axis.Logarithmic("x", [7]).Ticks.Select(t => t.Text));
        var one = Axis.Logarithmic("x", [52_840]);
        Assert.True(one.Ticks.Count >= 1 && one.Low < one.Place(52_840) && one.High > one.Place(52_840));
    }

    [Fact]
    public void A_long_name_keeps_both_ends()
    {
        Assert.Equal("card_paym…ayment_7", Axis.Short("card_payment_wrong_payment_7", 18));
        Assert.Equal(("card_payment_wron", "card_…rong"), (Axis.Short("card_payment_wron", 17), Axis.Short("card_payment_wrong", 10)));
        Assert.Equal("short", Axis.Short("short", 18));
    }

    [Fact]
    public void Heat_map_text_has_enough_contrast_on_every_color()
    {
        for (var s = 0; s <= 1000; s++)
        {
            var fill = HeatColor.Fill(s / 1000.0);
            Assert.True(AccessiblePage.Contrast(HeatColor.Ink(fill), fill) >= 4.5, fill);
        }
    }

    [Fact]
    public void The_text_of_a_picture_is_svg_text_and_its_colors_are_those_of_the_page()
    {
        var picture = new Picture("T <1>", Axis.Linear("x & y", [0, 1]), Axis.Linear("y", [0, 1])) { Description = "d" };
        for (var i = 0; i < LineStyle.Count; i++) picture.Line([(0, i / 30.0), (1, i / 30.0)], new(i));
        picture.Guide(0, 0, 1, 1);
        var svg = picture.Svg("p");
        for (var i = 0; i < LineStyle.Count; i++) Assert.Equal(3, svg.Split($"stroke:var({new LineStyle(i).Variable})").Length - 1);
        Assert.Equal(8 + 8 + 1, svg.Split("stroke-dasharray").Length - 1);
        Assert.DoesNotContain("#1234", svg, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(">x &amp; y</text>", svg);
        Assert.Contains("<title id=\"p-title\">T &lt;1&gt;</title>", svg);
        Assert.Equal(svg, picture.Svg("p"));
    }

    [Fact]
    public void A_marked_section_is_replaced_and_the_rest_is_unchanged()
    {
        using var folder = new TemporaryFolder();
        var file = folder["r.md"];
        string Put(string text) => MarkedText.Put(file, "compare x", text);
        Assert.Equal("<!-- compare x: begin -->\none\n<!-- compare x: end -->\n", Put("one\n"));
        File.WriteAllText(file, "# Mine\n");
        File.WriteAllText(file, Put("one"));
        File.WriteAllText(file, Put("two"));
        Assert.Equal("# Mine\n\n<!-- compare x: begin -->\ntwo\n<!-- compare x: end -->\n", File.ReadAllText(file));
        File.WriteAllText(file, "<!-- compare x: begin -->\n");
        Assert.Contains("without '<!-- compare x: end -->'", Assert.ThrowsAny<SkTuningException>(() => Put("three")).Message);
        Assert.Equal("## a\n\n### b\n# not\n", MarkedText.Deeper("# a\n\n## b\n# not\n".Replace("\n# not", "\n#not")).Replace("#not", "# not"));
    }
}
