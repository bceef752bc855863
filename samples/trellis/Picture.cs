using ScottPlot;

namespace Trellis;

/// <summary>States as circles, a column for each position, and steps as arrows; what is more likely is darker, and the best path has another colour.</summary>
internal static class Picture
{
    private const double Across = 3, Down = 2, Radius = 0.45;

    public static void Save(string path, double[] emissions, double[] transitions, double[] states, double[] steps, int[] best)
    {
        int count = states.Length / best.Length;
        Plot plot = new();
        plot.HideAxesAndGrid();
        for (int t = 1; t < best.Length; t++)
        {
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < count; j++)
                {
                    bool isBest = best[t - 1] == i && best[t] == j;
                    Step(plot, Place(t - 1, i), Place(t, j), steps[((((t - 1) * count) + i) * count) + j], transitions[(i * count) + j], isBest);
                }
            }
        }

        for (int t = 0; t < best.Length; t++)
        {
            Say(plot, new(Across * t, 1), $"position {t}", 16, Colors.Gray);
            for (int j = 0; j < count; j++)
            {
                State(plot, Place(t, j), $"{states[(t * count) + j]:F2}", emissions[(t * count) + j], states[(t * count) + j], best[t] == j);
            }
        }

        for (int j = 0; j < count; j++)
        {
            Say(plot, new(-1.3, -Down * j), $"state {j}", 16, Colors.Gray);
        }

        plot.Axes.SetLimits(-2, (Across * (best.Length - 1)) + 1, (-Down * (count - 1)) - 1.1, 1.4);
        plot.Axes.SquareUnits();
        _ = plot.SavePng(path, 900, 460);
    }

    private static Coordinates Place(int t, int state) => new(Across * t, -Down * state);

    private static void State(Plot plot, Coordinates at, string text, double emission, double probability, bool isBest)
    {
        var circle = plot.Add.Circle(at, Radius);
        circle.FillColor = Shade(probability, isBest);
        circle.LineColor = Shade(1, isBest);
        circle.LineWidth = 2;
        Say(plot, at, text, 18, Colors.Black);
        Say(plot, new(at.X, at.Y - Radius - 0.2), $"emission {emission}", 13, Colors.Black);
    }

    private static void Step(Plot plot, Coordinates from, Coordinates to, double probability, double transition, bool isBest)
    {
        double length = Math.Sqrt(((to.X - from.X) * (to.X - from.X)) + ((to.Y - from.Y) * (to.Y - from.Y))), x = (to.X - from.X) / length, y = (to.Y - from.Y) / length;
        Coordinates start = new(from.X + (Radius * x), from.Y + (Radius * y)), end = new(to.X - (Radius * x), to.Y - (Radius * y));
        var arrow = plot.Add.Arrow(start, end);
        arrow.ArrowWidth = (float)(1 + (10 * probability));
        arrow.ArrowheadWidth = arrow.ArrowWidth + 8;
        arrow.ArrowheadLength = 14;
        arrow.ArrowFillColor = Shade(Math.Max(0.15, probability), isBest);
        arrow.ArrowLineWidth = 0;

        // Beside the first third of the arrow, where crossing ones are apart, on the side that it leaves free.
        Coordinates label = new(start.X + (0.3 * (end.X - start.X)) - (0.5 * Math.Sign(y)), start.Y + (0.3 * (end.Y - start.Y)) + (y == 0 ? 0.22 : 0.08));
        Say(plot, label, $"{transition:+0.0;-0.0}  ({probability:F2})", 13, Shade(1, isBest));
    }

    private static Color Shade(double probability, bool isBest) => Colors.White.MixedWith(isBest ? Colors.C1 : Colors.C0, probability);

    private static void Say(Plot plot, Coordinates at, string text, float size, Color color)
    {
        var label = plot.Add.Text(text, at);
        label.LabelFontSize = size;
        label.LabelFontColor = color;
        label.LabelAlignment = Alignment.MiddleCenter;
    }
}
