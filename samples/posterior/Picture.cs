using LogDomain.Sequences;
using ScottPlot;

namespace AlignmentPosterior;

/// <summary>Probabilities as heat maps.</summary>
internal static class Picture
{
    /// <summary>The first sequence downwards, the second to the right.</summary>
    public static void Pairs(string path, PairPosterior posterior, string first, string second)
    {
        double[,] map = new double[posterior.First, posterior.Second];
        for (int i = 0; i < posterior.First; i++)
        {
            for (int j = 0; j < posterior.Second; j++)
            {
                // The square root shows what is improbable.
                map[i, j] = Math.Sqrt(posterior.Matches[(i * posterior.Second) + j]);
            }
        }

        Plot plot = new();
        var heat = plot.Add.Heatmap(map);
        heat.Extent = new CoordinateRect(0, posterior.Second - 1, posterior.First - 1, 0);   // of the middles of the cells
        heat.FlipVertically = true;
        heat.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
        plot.Axes.SetLimits(-0.5, posterior.Second - 0.5, posterior.First - 0.5, -0.5);
        plot.Title("Square root of the probability of each pair");
        plot.XLabel(second);
        plot.YLabel(first);
        _ = plot.SavePng(path, 700, 700);
    }

    /// <summary>What the recogniser says, and what of it belongs to the word.</summary>
    public static void Shares(string path, double[] logProbabilities, double[] gradient)
    {
        Multiplot plots = new();
        plots.AddPlots(2);
        plots.Layout = new ScottPlot.MultiplotLayouts.Rows();
        Frames(plots.GetPlot(0), (t, c) => Math.Exp(logProbabilities[(t * Speech.Classes) + c]), "Emissions");
        Frames(plots.GetPlot(1), (t, c) => 0 - gradient[(t * Speech.Classes) + c], $"Shares of all paths that say '{Speech.Word}'");
        _ = plots.SavePng(path, 900, 620);
    }

    private static void Frames(Plot plot, Func<int, int, double> value, string title)
    {
        double[,] map = new double[Speech.Classes, Speech.Frames];
        for (int c = 0; c < Speech.Classes; c++)
        {
            for (int t = 0; t < Speech.Frames; t++)
            {
                map[c, t] = value(t, c);
            }
        }

        var heat = plot.Add.Heatmap(map);
        heat.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
        heat.Extent = new CoordinateRect(0, Speech.Frames - 1, 0, Speech.Classes - 1);
        plot.Axes.SetLimits(-0.5, Speech.Frames - 0.5, -0.5, Speech.Classes - 0.5);
        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, Speech.Classes).Select(c => (double)(Speech.Classes - 1 - c))], [.. Speech.Letters.Select(letter => letter.ToString())]);
        plot.Title(title);
        plot.XLabel("frame");
    }
}
