using ScottPlot;

namespace Vowels;

/// <summary>What either state emits, and how training went.</summary>
internal static class Picture
{
    public static void Save(string path, double[] vowels, double[] consonants, double[] bits)
    {
        Multiplot plots = new();
        plots.AddPlots(2);
        plots.Layout = new ScottPlot.MultiplotLayouts.Rows();
        Letters(plots.GetPlot(0), vowels, consonants);
        Training(plots.GetPlot(1), bits);
        _ = plots.SavePng(path, 1_000, 760);
    }

    private static void Letters(Plot plot, double[] vowels, double[] consonants)
    {
        for (int i = 0; i < Alphabet.Symbols; i++)
        {
            _ = plot.Add.Bar(new Bar { Position = i - 0.2, Value = vowels[i], Size = 0.4, FillColor = Colors.C1, LineWidth = 0 });
            _ = plot.Add.Bar(new Bar { Position = i + 0.2, Value = consonants[i], Size = 0.4, FillColor = Colors.C0, LineWidth = 0 });
        }

        plot.Legend.ManualItems.Add(new() { LabelText = "the state of the vowels", FillColor = Colors.C1 });
        plot.Legend.ManualItems.Add(new() { LabelText = "the other state", FillColor = Colors.C0 });
        _ = plot.ShowLegend(Alignment.UpperLeft);
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, Alphabet.Symbols).Select(i => (double)i)], [.. Enumerable.Range(0, Alphabet.Symbols).Select(Alphabet.NameOf)]);
        plot.Axes.SetLimits(-0.7, Alphabet.Symbols - 0.3, 0, 1.1 * Math.Max(vowels.Max(), consonants.Max()));
        plot.Title("Probability of each letter in either state");
    }

    private static void Training(Plot plot, double[] bits)
    {
        var line = plot.Add.ScatterLine(Enumerable.Range(0, bits.Length).Select(i => (double)i).ToArray(), bits);
        line.LineWidth = 2;
        line.Color = Colors.Black;
        plot.Title("Bits per character: they never rise");
        plot.XLabel("Steps of Baum-Welch");
    }
}
