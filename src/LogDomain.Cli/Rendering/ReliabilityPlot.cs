using LogDomain.Cli.Evaluation;
using ScottPlot;
using SkiaSharp;

namespace LogDomain.Cli.Rendering;

/// <summary>A reliability diagram (accuracy by confidence, 15 bins) above a histogram of the confidence.</summary>
internal static class ReliabilityPlot
{
    private const int Width = 900, Height = 1000;

    /// <summary>Refuses a path that could not be written, before the work is done.</summary>
    public static void CheckPath(string? path)
    {
        if (path is null)
        {
            return;
        }

        if (Path.GetExtension(path).ToLowerInvariant() is not (".png" or ".svg"))
        {
            throw new InputException($"{path}: the ending '{Path.GetExtension(path)}' is not known; expected .png or .svg.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        if (!Directory.Exists(folder))
        {
            throw new InputException($"{path}: there is no folder {folder}.");
        }
    }

    /// <summary>Writes to a file beside it and moves that into place, so that no half a plot is ever seen.</summary>
    public static void Write(Scores scores, string path)
    {
        Multiplot plots = new();
        plots.AddPlots(2);
        ScottPlot.MultiplotLayouts.CustomGrid grid = new();
        grid.Set(plots.GetPlot(0), new GridCell(0, 0, 10, 1, 7, 1));
        grid.Set(plots.GetPlot(1), new GridCell(7, 0, 10, 1, 3, 1));
        plots.Layout = grid;
        Draw(plots.GetPlot(0), plots.GetPlot(1), scores);
        string partial = path + ".partial" + Path.GetExtension(path);
        try
        {
            if (Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase))
            {
                using FileStream file = File.Create(partial);
                using SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, Height), file);
                plots.Render(canvas, new PixelRect(0, Width, Height, 0));
            }
            else
            {
                _ = plots.SavePng(partial, Width, Height);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static void Draw(Plot reliability, Plot histogram, Scores scores)
    {
        double width = 1.0 / scores.Bins.Count;
        for (int b = 0; b < scores.Bins.Count; b++)
        {
            Bin bin = scores.Bins[b];
            if (bin.Count == 0)
            {
                continue;
            }

            double left = b * width, right = left + width;
            ScottPlot.Plottables.Rectangle accuracy = reliability.Add.Rectangle(left, right, 0, bin.Accuracy);
            accuracy.FillColor = Colors.SteelBlue.WithAlpha(0.75);
            accuracy.LineColor = Colors.White;
            ScottPlot.Plottables.Rectangle gap = reliability.Add.Rectangle(
                left, right, Math.Min(bin.Accuracy, bin.MeanConfidence), Math.Max(bin.Accuracy, bin.MeanConfidence));
            gap.FillColor = Colors.IndianRed.WithAlpha(0.45);
            gap.LineColor = Colors.IndianRed;
            ScottPlot.Plottables.Rectangle share = histogram.Add.Rectangle(left, right, 0, bin.Count / (double)scores.Count);
            share.FillColor = Colors.SlateGray.WithAlpha(0.7);
            share.LineColor = Colors.White;
        }

        ScottPlot.Plottables.LinePlot diagonal = reliability.Add.Line(0, 0, 1, 1);
        diagonal.LineColor = Colors.Black;
        diagonal.LinePattern = LinePattern.Dashed;
        if (scores.CalibratedBins is { } calibrated)
        {
            Bin[] filled = [.. calibrated.Where(bin => bin.Count > 0)];
            ScottPlot.Plottables.Scatter curve = reliability.Add.Scatter(
                filled.Select(bin => bin.MeanConfidence).ToArray(), filled.Select(bin => bin.Accuracy).ToArray());
            curve.Color = Colors.DarkOrange;
            curve.LineWidth = 2;
            curve.MarkerSize = 8;
            curve.LegendText = FormattableString.Invariant($"at the best temperature: calibration error {scores.CalibrationError(calibrated):0.0000}");
            diagonal.LegendText = "perfect calibration";
            _ = reliability.ShowLegend(Alignment.UpperLeft);
        }

        string temperature = scores.Temperature is double t ? FormattableString.Invariant($", best temperature {t:0.###}") : "";
        reliability.Title(FormattableString.Invariant($"Calibration error {scores.ExpectedCalibrationError:0.0000}, {scores.Count} rows{temperature}"));
        reliability.XLabel("Confidence");
        reliability.YLabel("Accuracy (red: gap to the mean confidence)");
        reliability.Axes.SetLimits(0, 1, 0, 1);
        histogram.XLabel("Confidence");
        histogram.YLabel("Share of rows");
        histogram.Axes.SetLimitsX(0, 1);
        histogram.Axes.SetLimitsY(0, Math.Max(0.05, scores.Bins.Max(bin => bin.Count / (double)scores.Count)) * 1.05);
    }
}
