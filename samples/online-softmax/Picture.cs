using ScottPlot;

namespace OnlineSoftMax;

/// <summary>Scores, the running reference, and what the sum and the output are after each step.</summary>
internal static class Picture
{
    public static void Save(string path, double[] scores, int step, List<(double Reference, double Sum, double Output)> states)
    {
        Multiplot plots = new();
        plots.AddPlots(3);
        plots.Layout = new ScottPlot.MultiplotLayouts.Rows();
        Scores(plots.GetPlot(0), scores, step, states);
        Weights(plots.GetPlot(1), scores, step, states);
        Outputs(plots.GetPlot(2), scores.Length, step, states);
        _ = plots.SavePng(path, 900, 900);
    }

    private static void Scores(Plot plot, double[] scores, int step, List<(double Reference, double Sum, double Output)> states)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            Bar bar = new() { Position = i, Value = scores[i], FillColor = Block(i / step), LineWidth = 0 };
            _ = plot.Add.Bar(bar);
        }

        for (int i = 0; i < states.Count; i++)
        {
            var line = plot.Add.Line((i * step) - 0.5, states[i].Reference, ((i + 1) * step) - 0.5, states[i].Reference);
            line.Color = Colors.Black;
            line.LineWidth = 2;
        }

        plot.Title("Scores, four keys a step. Black: the reference, which grows with the largest score so far");
        Limits(plot, scores.Length, Math.Min(0, scores.Min()) - 0.3, scores.Max() + 0.5);
    }

    private static void Weights(Plot plot, double[] scores, int step, List<(double Reference, double Sum, double Output)> states)
    {
        double most = 0;
        for (int last = 0; last < states.Count; last++)
        {
            // A stack for each step: the weights of every block so far, relative to the reference of that step.
            double height = 0;
            for (int block = 0; block <= last; block++)
            {
                double part = scores.Skip(block * step).Take(step).Sum(score => Math.Exp(score - states[last].Reference));
                Bar bar = new() { Position = ((last + 0.5) * step) - 0.5, ValueBase = height, Value = height + part, Size = step * 0.7, FillColor = Block(block), LineWidth = 0 };
                _ = plot.Add.Bar(bar);
                height += part;
            }

            most = Math.Max(most, height);
        }

        plot.Title("Sum: old parts shrink where the reference has grown, then the step is added");
        Limits(plot, scores.Length, 0, most * 1.1);
    }

    private static void Outputs(Plot plot, int keys, int step, List<(double Reference, double Sum, double Output)> states)
    {
        double[] places = [.. states.Select((_, i) => ((i + 0.5) * step) - 0.5)], outputs = [.. states.Select(state => state.Output)];
        var scatter = plot.Add.Scatter(places, outputs);
        scatter.LineWidth = 2;
        scatter.MarkerSize = 10;
        scatter.Color = Colors.Black;
        plot.Title("vector / sum: the attention over the keys so far; after the last step, over all");
        plot.XLabel("key");
        Limits(plot, keys, outputs.Min() - 0.2, outputs.Max() + 0.2);
    }

    private static Color Block(int block) => new[] { Colors.SteelBlue, Colors.DarkOrange, Colors.SeaGreen, Colors.IndianRed }[block % 4];

    private static void Limits(Plot plot, int keys, double low, double high) => plot.Axes.SetLimits(-0.7, keys - 0.3, low, high);
}
