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
        Assert.True(axis.Low <= low && axis.High >= high);
    }

    [Fact]
    public void A_logarithmic_axis_has_labels_for_one_value_and_for_many()
    {
        Assert.Equal(["1000", "10k", "100k"], Axis.Logarithmic("x", [900, 200_000]).Ticks.Select(t => t.Text));
        var one = Axis.Logarithmic("x", [52_840]);
        Assert.True(one.Ticks.Count >= 1 && one.Low < one.Place(52_840) && one.High > one.Place(52_840));
    }

    [Fact]
    public void A_long_name_keeps_both_ends()
    {
        Assert.Equal("card_paym…ayment_7", Axis.Short("card_payment_wrong_payment_7", 18));
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
