using LogDomain.Losses;
using LogDomain.Peers.Peers;

namespace LogDomain.Peers.Losses;

/// <summary>Cross-entropy of classes, 1,024 x 1,024 float, with each option beside the same without.</summary>
internal sealed class OptionCosts(Report report, Options options)
{
    private const int Rows = 1_024, Columns = 1_024;

    public void Write()
    {
        float[] logits = new float[Rows * Columns], gradient = new float[logits.Length];
        int[] targets = new int[Rows];
        double[] classWeights = new double[Columns], rowWeights = new double[Rows];
        Random random = new(1);
        Func<int, int, double> normal = Workload.Normal(random, deviation: 2);
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = (float)normal(0, i);
        }

        for (int i = 0; i < Rows; i++)
        {
            (targets[i], rowWeights[i], classWeights[i]) = (random.Next(Columns), random.NextDouble(), 0.5 + random.NextDouble());
        }

        (string Name, CrossEntropyOptions Options)[] cases =
        [
            ("none", new() { MaxDegreeOfParallelism = 1 }),
            ("ignore index", new() { MaxDegreeOfParallelism = 1, IgnoreIndex = 5 }),
            ("class weights", new() { MaxDegreeOfParallelism = 1, ClassWeights = classWeights }),
            ("row weights", new() { MaxDegreeOfParallelism = 1, RowWeights = rowWeights }),
            ("smoothing, all classes", new() { MaxDegreeOfParallelism = 1, LabelSmoothing = 0.1 }),
            ("smoothing, other classes", new() { MaxDegreeOfParallelism = 1, LabelSmoothing = 0.1, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses }),
            ("smoothing and class weights", new() { MaxDegreeOfParallelism = 1, LabelSmoothing = 0.1, ClassWeights = classWeights }),
            ("z-loss", new() { MaxDegreeOfParallelism = 1, ZLoss = 1e-4 }),
            ("softcap", new() { MaxDegreeOfParallelism = 1, Softcap = 30 }),
            ("temperature", new() { MaxDegreeOfParallelism = 1, Temperature = 0.7 }),
        ];
        Machine.Pin(pinned: true);
        report.Line("### Options of cross-entropy, float, 1,024 x 1,024, 1 thread");
        report.Line();
        report.Row(["option", $"{OursPeer.Label}, loss, ms", "x none", "loss + gradient, ms", "x none"]);
        report.Line("|---|---|---|---|---|");
        Dictionary<string, double[]> losses = Time(cases, given => CrossEntropy.Loss<float>(logits, targets, given));
        Dictionary<string, double[]> both = Time(cases, given => CrossEntropy.LossAndGradient<float>(logits, targets, gradient, given));
        foreach ((string name, _) in cases)
        {
            report.Row([name, Milliseconds(losses[name]), Ratio(losses, name), Milliseconds(both[name]), Ratio(both, name)]);
        }


        string Ratio(Dictionary<string, double[]> seconds, string name) =>
            Report.Number(Median([.. seconds[name].Zip(seconds[cases[0].Name], (with, without) => with / without)]), "0.00");
    }

    private Dictionary<string, double[]> Time((string Name, CrossEntropyOptions Options)[] cases, Action<CrossEntropyOptions> run) =>
        Measurement.Run(cases.ToDictionary(c => c.Name, c => new Contestant(() => run(c.Options))), options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads: 1);

    private static string Milliseconds(double[] seconds) => Report.Number(1e3 * Median(seconds), "0.00");

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
