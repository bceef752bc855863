using LogDomain.Losses;
using LogDomain.Peers.Peers;
using ScottPlot;
using static TorchSharp.torch;

namespace LogDomain.Peers.Linear;

/// <summary>Memory of the loss and its gradient by the size of the vocabulary, as a table and a picture.</summary>
internal sealed class LinearMemory(Report report, string picture)
{
    private const int Rows = 1024, Features = 256;

    private static readonly int[] Vocabularies = [4_096, 8_192, 16_384, 32_768, 65_536, 131_072];

    public void Write()
    {
        report.Line($"### Memory of loss and gradient beyond arguments and gradients, float, {Rows} rows x {Features} features");
        report.Line();
        report.Row(["classes", $"{OursPeer.Label}, MB", $"{TorchPeer.Label}, MB", "the logits alone, MB"]);
        report.Rule(4);
        float[] embeddings = LinearSpeeds.Sample(Rows * Features, 1, seed: 1), ofEmbeddings = LinearSpeeds.Sample(Rows * Features, 1, seed: 1);
        List<double> ours = [], theirs = [];
        Measure(Vocabularies[0]);   // loads and compiles
        foreach (int classes in Vocabularies)
        {
            (double own, double peer) = Measure(classes);
            ours.Add(own);
            theirs.Add(peer);
            report.Row([$"{classes:#,##0}", Report.Number(own, "0.0"), Report.Number(peer, "0"), Report.Number(4e-6 * Rows * classes, "0")]);
        }

        report.Line();
        Draw(ours, theirs);

        (double Ours, double Theirs) Measure(int classes)
        {
            float[] classifier = LinearSpeeds.Sample(classes * Features, 0.05f, seed: 2), ofClassifier = LinearSpeeds.Sample(classes * Features, 1, seed: 2);
            Random random = new(3);
            int[] targets = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(classes))];
            double own = ExtraMemory.Of(() => _ = LinearCrossEntropy.LossAndGradient<float>(embeddings, classifier, targets, Features, ofEmbeddings, ofClassifier));
            using Tensor e = tensor(embeddings, [Rows, Features]).requires_grad_(), c = tensor(classifier, [classes, Features]).requires_grad_();
            using Tensor t = tensor(targets.Select(target => (long)target).ToArray(), [Rows]);

            // What it keeps at the end are the gradients, which ours has been given.
            double gradients = 4e-6 * ((Rows * Features) + (classes * (double)Features));
            double peer = ExtraMemory.Of(() => LinearSpeeds.Torch(e, c, t, withGradient: true)) - gradients;
            return (own, peer);
        }
    }

    private void Draw(List<double> ours, List<double> theirs)
    {
        Plot plot = new();
        double[] x = [.. Vocabularies.Select(classes => classes / 1000.0)];
        Add(theirs, TorchPeer.Label, Colors.IndianRed);
        Add([.. Vocabularies.Select(classes => 4e-6 * Rows * classes)], "the logits alone", Colors.Gray);
        Add(ours, OursPeer.Label, Colors.SteelBlue);
        plot.Title($"Memory of cross-entropy and its gradients, {Rows:#,##0} rows of float");
        plot.XLabel("classes, thousands");
        plot.YLabel("MB beyond arguments and gradients");
        plot.Axes.SetLimits(0, x[^1] * 1.03, -0.03 * theirs.Max(), theirs.Max() * 1.1);
        _ = plot.ShowLegend(Alignment.UpperLeft);
        _ = plot.SavePng(picture, 900, 540);

        void Add(List<double> y, string name, Color color)
        {
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(x, y.ToArray(), color);
            line.LegendText = name;
            line.LineWidth = 2;
            line.MarkerSize = 7;
        }
    }
}
