using System.Globalization;
using System.Text;
using System.Xml.Linq;
using ScottPlot;
using SkTuning.Baselines;
using SkTuning.Models;
using SkTuning.Reports.Html;

namespace SkTuning.Reports.Pictures;

/// <summary>
/// A picture as SVG. ScottPlot draws the shapes; the words are ours, in the page's own font: a picture is then the same on a machine without fonts, is read aloud and found by a search.
/// Colours are the page's variables, so that a dark page has its own.
/// </summary>
internal sealed class Picture
{
    /// <summary>The width of a letter, roughly: what it is is known to the reader's font only.</summary>
    public const int PerLetter = 7;

    // Stand-ins that ScottPlot draws with: each becomes a variable of the page, and dashes, which Skia's SVG does not have.
    private const string Frame = "#1234F0", Grid = "#1234F1", Guides = "#1234F2";
    private static readonly Dictionary<string, (string Variable, string Dash)> StandIns = new([
        new(Frame, ("--muted", "")), new(Grid, ("--grid", "")), new(Guides, ("--muted", "4 3")),
        .. Enumerable.Range(0, LineStyle.Count).Select(i => new LineStyle(i)).Select(s => KeyValuePair.Create(s.StandIn, (s.Variable, s.Dash))),
    ]);

    private readonly Plot _plot = new();
    private readonly Axis _x, _y;
    private readonly int _width, _height;
    private readonly PixelPadding _margins;
    private readonly bool _slanted;
    private readonly List<(double X, double Y, string Text, string Class, string? Fill, double Down)> _texts = [];

    /// <param name="title">What it is.</param>
    /// <param name="x">To the right.</param>
    /// <param name="y">Up.</param>
    /// <param name="width">In units of the picture; its words are 12 of these high.</param>
    /// <param name="height">In the same units.</param>
    /// <param name="left">Room on the left; more is taken where the labels of <paramref name="y"/> need it.</param>
    /// <param name="bottom">Room for the names of <paramref name="x"/>; from 60 on these are slanted.</param>
    /// <param name="grid">Lines at the labels.</param>
    public Picture(string title, Axis x, Axis y, int width = 420, int height = 270, int left = 0, int bottom = 44, bool grid = true)
    {
        (Title, _x, _y, _width, _height, _margins, _slanted) = (title, x.Padded(), y.Padded(), width, height, new(Math.Max(left, Math.Max(48, PerLetter * y.Ticks.Max(t => t.Text.Length) + 18)), 14, bottom, y.Title.Length > 0 ? 30 : 12), bottom >= 60);
        _plot.FigureBackground.Color = Colors.Transparent;
        _plot.DataBackground.Color = Colors.Transparent;
        _plot.Axes.SetLimits(_x.Low, _x.High, _y.Low, _y.High);
        _plot.Axes.Color(Color.FromHex(Frame));
        _plot.Axes.Right.FrameLineStyle.Width = _plot.Axes.Top.FrameLineStyle.Width = 0;
        _plot.Axes.Bottom.TickGenerator = Places(x);
        _plot.Axes.Left.TickGenerator = Places(y);
        _plot.Grid.MajorLineColor = Color.FromHex(Grid);
        _plot.Grid.IsVisible = grid;
        _plot.Layout.Fixed(_margins);
    }

    public string Title { get; }

    /// <summary>Below the picture: what to see in it.</summary>
    public string Caption { get; set; } = "";

    /// <summary>For those who do not see it: what it shows, in figures.</summary>
    public string Description { get; set; } = "";

    public List<(string Name, LineStyle Line)> Legend { get; } = [];

    /// <summary>The least width on the screen, in pixels; on a narrower one it scrolls. 0: none.</summary>
    public int NeedsWidth { get; init; }

    /// <summary>Points joined by lines; those without a finite value are left out.</summary>
    public void Line(IEnumerable<(double X, double Y)> points, LineStyle style, bool dots = false, float width = 2)
    {
        var all = Placed(points);
        if (all.Length == 0) return;
        var line = _plot.Add.Scatter(all);
        line.Color = Color.FromHex(style.StandIn);
        line.LineWidth = width;
        line.MarkerSize = dots || all.Length == 1 ? 6 : 0;
    }

    public void Dots(IEnumerable<(double X, double Y)> points, LineStyle style, float size = 6)
    {
        var all = Placed(points);
        if (all.Length == 0) return;
        var dots = _plot.Add.Markers(all, MarkerShape.FilledCircle, size, Color.FromHex(style.StandIn));
        dots.MarkerStyle.LineWidth = 0;
    }

    /// <summary>A line that is not data: what is hoped for, what chance gives.</summary>
    public void Guide(double x1, double y1, double x2, double y2)
    {
        var line = _plot.Add.Line(_x.Place(x1), _y.Place(y1), _x.Place(x2), _y.Place(y2));
        (line.Color, line.LineWidth) = (Color.FromHex(Guides), 1);
    }

    /// <summary>A bar that stands on the axis.</summary>
    public void Bar(double from, double to, double height, LineStyle style, double opacity) => Box(from, _y.Low, to, height, Color.FromHex(style.StandIn).WithAlpha(opacity));

    /// <summary>A cell of a heat map, with its figure.</summary>
    /// <param name="x">Its place to the right.</param>
    /// <param name="y">Its place upwards.</param>
    /// <param name="share">How dark, 0 to 1.</param>
    /// <param name="text">Its figure; empty: none.</param>
    public void HeatCell(double x, double y, double share, string text)
    {
        var fill = HeatColor.Fill(share);
        Box(x - 0.48, y - 0.48, x + 0.48, y + 0.48, Color.FromHex(fill));
        if (text.Length > 0) _texts.Add((x, y, text, "figure", HeatColor.Ink(fill), 4));
    }

    /// <summary>A dot with a letter in it, which the legend tells.</summary>
    public void Lettered(double x, double y, char letter, LineStyle style)
    {
        Dots([(x, y)], style, size: 17);
        _texts.Add((_x.Place(x), _y.Place(y), $"{letter}", "mark", null, 4));
    }

    /// <summary>The element, with its title and description.</summary>
    /// <param name="id">Unique in the page.</param>
    public string Svg(string id)
    {
        var text = new StringBuilder($"<svg class=\"picture\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\" viewBox=\"0 0 {_width} {_height}\" style=\"max-width:{_width * 5 / 4}px\">\n<title id=\"{id}-title\">{Encoded.Text(Title)}</title>\n<desc id=\"{id}-text\">{Encoded.Text(Description)}</desc>\n");
        foreach (var shape in Drawn(XDocument.Parse(_plot.GetSvgXml(_width, _height)).Root!)) text.Append(shape.ToString(SaveOptions.DisableFormatting)).Append('\n');
        Words(text);
        return text.Append("</svg>\n").ToString();
    }

    private void Words(StringBuilder svg)
    {
        var data = new PixelRect(_margins.Left, _width - _margins.Right, _height - _margins.Bottom, _margins.Top);
        foreach (var (place, text) in _x.Ticks)
        {
            var (x, y) = (Across(place), data.Bottom + 17);
            if (_slanted) Write(x + 4, y - 3, text, "end", turned: true);
            else Write(x, y, text, "middle");
        }
        foreach (var (place, text) in _y.Ticks) Write(data.Left - 8, Up(place) + 4, text, "end");
        if (_x.Title.Length > 0) Write((data.Left + data.Right) / 2, _height - 6, _x.Title, "middle", "name");
        if (_y.Title.Length > 0) Write(6, 15, _y.Title, "start", "name");
        foreach (var (x, y, text, kind, fill, down) in _texts) Write(Across(x), Up(y) + down, text, "middle", kind, fill);

        double Across(double place) => data.Left + (place - _x.Low) / (_x.High - _x.Low) * (data.Right - data.Left);

        double Up(double place) => data.Bottom - (place - _y.Low) / (_y.High - _y.Low) * (data.Bottom - data.Top);

        void Write(double x, double y, string text, string anchor, string? kind = null, string? fill = null, bool turned = false)
            => svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"{(kind is null ? "" : $" class=\"{kind}\"")}{(fill is null ? "" : $" style=\"fill:{fill}\"")}{(turned ? $" transform=\"rotate(-40 {x.ToString("0.#", CultureInfo.InvariantCulture)} {y.ToString("0.#", CultureInfo.InvariantCulture)})\"" : "")}>{Encoded.Text(text)}</text>\n");
    }

    /// <summary>The shapes with the page's colours, out of their groups: the axes hold all that is drawn, so nothing needs clipping (by ids, which Skia counts on and on).</summary>
    private static IEnumerable<XElement> Drawn(XElement svg)
        => svg.Descendants().Where(e => e.Name.LocalName is not ("g" or "clipPath") && e.Ancestors().All(a => a.Name.LocalName != "clipPath")).Select(e => Adopted(new XElement(e.Name.LocalName, e.Attributes())));

    private static XElement Adopted(XElement shape)
    {
        var style = new List<string>();
        foreach (var paint in (string[])["fill", "stroke"])
            if (shape.Attribute(paint) is { } color && StandIns.TryGetValue(color.Value.ToUpperInvariant(), out var own))
            {
                style.Add($"{paint}:var({own.Variable})");
                if (paint == "stroke" && own.Dash.Length > 0) shape.SetAttributeValue("stroke-dasharray", own.Dash);
                color.Remove();
            }
        if (style.Count > 0) shape.SetAttributeValue("style", string.Join(';', style));
        return shape;
    }

    private void Box(double x1, double y1, double x2, double y2, Color color)
    {
        var box = _plot.Add.Rectangle(_x.Place(x1), _x.Place(x2), _y.Place(y1), _y.Place(y2));
        (box.FillColor, box.LineWidth) = (color, 0);
    }

    private Coordinates[] Placed(IEnumerable<(double X, double Y)> points)
        => [.. points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).Select(p => new Coordinates(_x.Place(p.X), _y.Place(p.Y)))];

    private static ScottPlot.TickGenerators.NumericManual Places(Axis axis) => new([.. axis.Ticks.Select(t => t.Place)], [.. axis.Ticks.Select(_ => "")]);
}
