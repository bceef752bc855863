using LogDomain.Losses;
using LogDomain.Peers.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Losses;

/// <summary>Binary cross-entropy of logits, 4,096 x 1,024 float, alone and with its gradient, beside PyTorch's binary_cross_entropy_with_logits and autograd.</summary>
internal sealed class BinaryLossSpeeds(Report report, Options options)
{
    private const int Rows = 4_096, Columns = 1_024;

    public void Write()
    {
        float[] logits = new float[Rows * Columns], targets = new float[logits.Length], gradient = new float[logits.Length];
        double[] positive = new double[Columns];
        Random random = new(1);
        Func<int, int, double> normal = Workload.Normal(random, deviation: 4);
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = (float)normal(0, i);
            targets[i] = random.Next(2);
        }

        for (int i = 0; i < Columns; i++)
        {
            positive[i] = 0.5 + random.NextDouble();
        }

        using Tensor x = tensor(logits, [Rows, Columns]).requires_grad_(), t = tensor(targets, [Rows, Columns]), w = tensor(positive, [Columns]).to_type(ScalarType.Float32);
        report.Line("### Binary cross-entropy, float, 4,096 x 1,024");
        report.Line();
        report.Row(["", "threads", $"{OursPeer.Label}, ms", $"{TorchPeer.Label}, ms", $"x {TorchPeer.Label}", "loss", $"loss of {TorchPeer.Label}"]);
        report.Line("|---|---|---|---|---|---|---|");
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            set_num_threads(threads);
            BinaryCrossEntropyOptions plain = new() { MaxDegreeOfParallelism = threads }, weighted = new() { MaxDegreeOfParallelism = threads, PositiveWeights = positive };
            Compare("loss", threads, () => BinaryCrossEntropy.Loss<float>(logits, targets, plain), () => Torch(x, t, null, differentiates: false));
            Compare("loss + gradient", threads, () => BinaryCrossEntropy.LossAndGradient<float>(logits, targets, gradient, plain), () => Torch(x, t, null, differentiates: true));
            Compare("loss, class weights", threads, () => BinaryCrossEntropy.Loss<float>(logits, targets, weighted), () => Torch(x, t, w, differentiates: false));
            Compare("loss + gradient, class weights", threads, () => BinaryCrossEntropy.LossAndGradient<float>(logits, targets, gradient, weighted), () => Torch(x, t, w, differentiates: true));
        }

        report.Line();
        report.WriteLoad("at the end");
    }

    private void Compare(string name, int threads, Func<float> ours, Func<float> theirs)
    {
        float loss = 0, torchLoss = 0;
        Dictionary<string, Contestant> contestants = new() { [OursPeer.Label] = new(() => loss = ours()), [TorchPeer.Label] = new(() => torchLoss = theirs()) };
        Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
        double[] own = seconds[OursPeer.Label], other = seconds[TorchPeer.Label];
        report.Row(
        [
            name,
            $"{threads}",
            Report.Number(1e3 * Median(own), "0.00"),
            Report.Number(1e3 * Median(other), "0.00"),
            Report.Number(Median([.. other.Zip(own, (them, us) => them / us)]), "0.0"),
            Report.Number(loss, "0.000000"),
            Report.Number(torchLoss, "0.000000"),
        ]);
    }

    /// <summary>Gradients of the run before are dropped, as an optimiser does; without gradients nothing is kept for them.</summary>
    private static float Torch(Tensor x, Tensor t, Tensor? positive, bool differentiates)
    {
        UpperHalves.Clear();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable mode = set_grad_enabled(differentiates);
        x.grad = null;
        Tensor loss = nn.functional.binary_cross_entropy_with_logits(x, t, pos_weights: positive);
        if (differentiates)
        {
            loss.backward();
        }

        return loss.item<float>();
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
