using System.Globalization;
using System.Text;
using System.Xml.Linq;
using ScottPlot;
using SkTuning.Reports.Formatting;

namespace SkTuning.Reports.Pictures;

/// <summary>
/// A picture as SVG. ScottPlot draws the shapes. Text is added as SVG text in the font of the page, so that pictures do not depend on installed fonts and can
/// be read by screen readers and searched. Colors are CSS variables of the page, so that the dark theme has its own.
/// </summary>
internal sealed class Picture : IDisposable
{
    /// <summary>The approximate width of a letter. The actual width depends on the reader's font.</summary>
    public const int PerLetter = 7;

    // ScottPlot draws with placeholder colors. Each is replaced with a CSS variable and dashes, which Skia's SVG output does not support.
    private const string Frame = "#1234F0", Grid = "#1234F1", Guides = "#1234F2";
    private static readonly Dictionary<string, (string Variable, string Dash)> Placeholders = new([
        new(Frame, ("--muted", "")), new(Grid, ("--grid", "")), new(Guides, ("--muted", "4 3")),
        .. Enumerable.Range(0, LineStyle.Count).Select(i => new LineStyle(i)).Select(s => KeyValuePair.Create(s.Placeholder, (s.Variable, s.Dash))),
    ]);

    private readonly Plot _plot = new();
    private readonly Axis _x, _y;
    private readonly int _width, _height;
    private readonly PixelPadding _margins;
    private readonly bool _slanted;
    private readonly List<(double X, double Y, string Text, string Class, string? Fill, double Down)> _texts = [];

    /// <param name="title">The title.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="width">The width in units of the picture, in which text has a size of 12.</param>
    /// <param name="height">The height in units of the picture.</param>
    /// <param name="left">The minimum left margin, which is increased if the labels of <paramref name="y"/> require it.</param>
    /// <param name="bottom">The bottom margin for the labels of <paramref name="x"/>. If it is 60 or more, the labels are slanted.</param>
    /// <param name="grid">Whether to draw grid lines at the ticks.</param>
    public Picture(string title, Axis x, Axis y, int width = 420, int height = 270, int left = 0, int bottom = 44, bool grid = true)
    {
        (Title, _x, _y, _width, _height, _slanted) = (title, x.Padded(), y.Padded(), width, height, bottom >= 60);
        var margin = Math.Max(left, Math.Max(48, PerLetter * y.Ticks.Max(t => t.Text.Length) + 18));
        _margins = new(margin, 14, bottom, y.Title.Length > 0 ? 30 : 12);
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

    /// <summary>The explanation shown below the picture.</summary>
    public string Caption { get; set; } = "";

    /// <summary>The content in words and numbers, for readers who cannot see the picture.</summary>
    public string Description { get; set; } = "";

    public List<(string Name, LineStyle Line)> Legend { get; } = [];

    /// <summary>The minimum width on the screen in pixels, below which the picture scrolls; 0 for no minimum.</summary>
    public int MinWidth { get; init; }

    /// <summary>Draws points connected by lines, except those that are not finite.</summary>
    public void Line(IEnumerable<(double X, double Y)> points, LineStyle style, bool dots = false, float width = 2)
    {
        var all = Placed(points);
        if (all.Length == 0) return;
        var line = _plot.Add.Scatter(all);
        line.Color = Color.FromHex(style.Placeholder);
        line.LineWidth = width;
        line.MarkerSize = dots || all.Length == 1 ? 6 : 0;
    }

    public void Dots(IEnumerable<(double X, double Y)> points, LineStyle style, float size = 6)
    {
        var all = Placed(points);
        if (all.Length == 0) return;
        var dots = _plot.Add.Markers(all, MarkerShape.FilledCircle, size, Color.FromHex(style.Placeholder));
        dots.MarkerStyle.LineWidth = 0;
    }

    /// <summary>Draws a reference line, such as the ideal or the level of chance.</summary>
    public void Guide(double x1, double y1, double x2, double y2)
    {
        var line = _plot.Add.Line(_x.Place(x1), _y.Place(y1), _x.Place(x2), _y.Place(y2));
        (line.Color, line.LineWidth) = (Color.FromHex(Guides), 1);
    }

    /// <summary>Draws a bar that starts at the axis.</summary>
    public void Bar(double from, double to, double height, LineStyle style, double opacity)
        => Box(from, _y.Low, to, height, Color.FromHex(style.Placeholder).WithAlpha(opacity));

    /// <summary>Draws a cell of a heat map.</summary>
    /// <param name="x">The horizontal position.</param>
    /// <param name="y">The vertical position.</param>
    /// <param name="share">The darkness, from 0 to 1.</param>
    /// <param name="text">The text of the cell, which may be empty.</param>
    public void HeatCell(double x, double y, double share, string text)
    {
        var fill = HeatColor.Fill(share);
        Box(x - 0.48, y - 0.48, x + 0.48, y + 0.48, Color.FromHex(fill));
        if (text.Length > 0) _texts.Add((x, y, text, "figure", HeatColor.Ink(fill), 4));
    }

    /// <summary>Draws a dot with a letter, which is explained in the legend.</summary>
    public void Lettered(double x, double y, char letter, LineStyle style)
    {
        Dots([(x, y)], style, size: 17);
        _texts.Add((_x.Place(x), _y.Place(y), $"{letter}", "mark", null, 4));
    }

    /// <summary>Returns the SVG element, with its title and description.</summary>
    /// <param name="id">The ID of the element, which must be unique in the page.</param>
    public string Svg(string id)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<svg class=\"picture\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\" viewBox=\"0 0 {_width} {_height}\" ")
            .Append(CultureInfo.InvariantCulture, $"style=\"max-width:{_width * 5 / 4}px\">\n<title id=\"{id}-title\">{Encoded.Text(Title)}</title>\n")
            .Append(CultureInfo.InvariantCulture, $"<desc id=\"{id}-text\">{Encoded.Text(Description)}</desc>\n");
        foreach (var shape in Drawn(XDocument.Parse(_plot.GetSvgXml(_width, _height)).Root!))
            text.Append(shape.ToString(SaveOptions.DisableFormatting)).Append('\n');
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
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"");
            if (kind is not null) svg.Append(CultureInfo.InvariantCulture, $" class=\"{kind}\"");
            if (fill is not null) svg.Append(CultureInfo.InvariantCulture, $" style=\"fill:{fill}\"");
            if (turned) svg.Append(CultureInfo.InvariantCulture, $" transform=\"rotate(-40 {x:0.#} {y:0.#})\"");
            svg.Append(CultureInfo.InvariantCulture, $">{Encoded.Text(text)}</text>\n");
        }
    }

    /// <summary>
    /// Returns the shapes with the colors of the page, removed from their groups. All shapes are within the axes, so that no clipping is needed (Skia clips by
    /// IDs, which it numbers per process).
    /// </summary>
    private static IEnumerable<XElement> Drawn(XElement svg)
        => svg.Descendants()
            .Where(e => e.Name.LocalName is not ("g" or "clipPath") && e.Ancestors().All(a => a.Name.LocalName != "clipPath"))
            .Select(e => Adopted(new XElement(e.Name.LocalName, e.Attributes())));

    private static XElement Adopted(XElement shape)
    {
        var style = new List<string>();
        foreach (var paint in (string[])["fill", "stroke"])
            if (shape.Attribute(paint) is { } color && Placeholders.TryGetValue(color.Value.ToUpperInvariant(), out var own))
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

    public void Dispose() => _plot.Dispose();
}
