using System.Globalization;
using ScottPlot;

namespace SoftMaxRegression;

/// <summary>The learning curves: cross-entropy on a logarithmic axis, and accuracy.</summary>
internal static class Picture
{
    public static void Save(string path, IReadOnlyList<Point> curve, double lossOfNetwork)
    {
        Multiplot plots = new();
        plots.AddPlots(2);
        plots.Layout = new ScottPlot.MultiplotLayouts.Columns();
        Plot losses = plots.GetPlot(0), accuracies = plots.GetPlot(1);
        Add(losses, curve, point => Math.Log10(point.TrainingLoss), "training", Colors.C0);
        Add(losses, curve, point => Math.Log10(point.TestLoss), "test", Colors.C1);
        ScottPlot.Plottables.HorizontalLine line = losses.Add.HorizontalLine(Math.Log10(lossOfNetwork));
        line.LineColor = Colors.Black;
        line.LinePattern = LinePattern.Dashed;
        line.LegendText = "the network itself, test";
        losses.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. new[] { 0.05, 0.1, 0.2, 0.5, 1, 2 }.Select(loss => new Tick(Math.Log10(loss), loss.ToString(CultureInfo.InvariantCulture)))]);
        Frame(losses, "Cross-entropy, nats", Alignment.UpperRight);
        Add(accuracies, curve, point => point.TrainingAccuracy, "training", Colors.C0);
        Add(accuracies, curve, point => point.TestAccuracy, "test", Colors.C1);
        accuracies.Axes.SetLimitsY(0.8, 1);
        Frame(accuracies, "Accuracy", Alignment.LowerRight);
        _ = plots.SavePng(path, 1_300, 560);
    }

    private static void Add(Plot plot, IReadOnlyList<Point> curve, Func<Point, double> height, string name, Color color)
    {
        ScottPlot.Plottables.Scatter line = plot.Add.ScatterLine(curve.Select(point => (double)point.Step).ToArray(), curve.Select(height).ToArray());
        line.Color = color;
        line.LineWidth = 2;
        line.LegendText = name;
    }

    private static void Frame(Plot plot, string title, Alignment legend)
    {
        plot.Title(title);
        plot.XLabel("Steps of Adam, all 600 rows each");
        _ = plot.ShowLegend(legend);
    }
}
