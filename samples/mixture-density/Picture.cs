using ScottPlot;

namespace MixtureDensityNetwork;

/// <summary>The data, the density of three components, draws from it, and the mean of one component.</summary>
internal static class Picture
{
    private const int Columns = 300, Lines = 300;
    private const double Left = -0.1, Right = 1.1, Bottom = -0.1, Top = 1.1;

    public static void Save(string path, double[] x, double[] t, Network single, Network mixture)
    {
        Multiplot plots = new();
        plots.AddPlots(2);
        plots.Layout = new ScottPlot.MultiplotLayouts.Columns();
        Density(plots.GetPlot(0), x, t, single, mixture);
        Draws(plots.GetPlot(1), x, t, mixture);
        _ = plots.SavePng(path, 1_300, 620);
    }

    private static void Density(Plot plot, double[] x, double[] t, Network single, Network mixture)
    {
        double[] across = [.. Enumerable.Range(0, Columns).Select(i => Left + ((Right - Left) * (i + 0.5) / Columns))];
        double[,] density = new double[Lines, Columns];
        for (int line = 0; line < Lines; line++)
        {
            double height = Top - ((Top - Bottom) * (line + 0.5) / Lines);
            double[] logs = mixture.LogDensity(across, [.. across.Select(_ => height)]);
            for (int column = 0; column < Columns; column++)
            {
                density[line, column] = Math.Min(Math.Exp(logs[column]), 12);   // the ends are sharper than the middle
            }
        }

        var map = plot.Add.Heatmap(density);
        map.Extent = new CoordinateRect(Left, Right, Bottom, Top);
        map.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
        var points = plot.Add.ScatterPoints(x, t);
        points.MarkerSize = 2;
        points.Color = Colors.Black.WithAlpha(0.5);
        points.LegendText = "data";
        var mean = plot.Add.ScatterLine(across, [.. across.Select(at => single.ComponentsAt(at).Single().Mean)]);
        mean.LineWidth = 3;
        mean.Color = Colors.Red;
        mean.LegendText = "mean of one component";
        Frame(plot, "Density of t given x, three components");
    }

    private static void Draws(Plot plot, double[] x, double[] t, Network mixture)
    {
        var points = plot.Add.ScatterPoints(x, t);
        points.MarkerSize = 4;
        points.Color = Colors.Gray.WithAlpha(0.5);
        points.LegendText = "data";
        var draws = plot.Add.ScatterPoints(x, mixture.Sample(x, seed: 1));
        draws.MarkerSize = 4;
        draws.Color = Colors.C0;
        draws.LegendText = "draws from three components";
        Frame(plot, "One draw of t for each x");
    }

    private static void Frame(Plot plot, string title)
    {
        plot.Title(title);
        plot.XLabel("x");
        plot.YLabel("t");
        plot.Axes.SetLimits(Left, Right, Bottom, Top);
        _ = plot.ShowLegend(Alignment.UpperLeft);
    }
}
