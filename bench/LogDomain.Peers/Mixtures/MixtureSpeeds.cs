using LogDomain.Losses;
using LogDomain.Peers.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Mixtures;

/// <summary>
/// A mixture density network's loss with its gradient, 65,536 rows x 32 components x 2 dimensions, diagonal covariances, beside PyTorch: the usual formula of elements and
/// logsumexp, differentiated by autograd.
/// </summary>
internal sealed class MixtureSpeeds(Report report, Options options)
{
    private const int Rows = 65_536, Components = 32, Dimensions = 2;

    private const double LogSqrtTwoPi = 0.91893853320467274;

    public void Write()
    {
        float[] logits = Sample(Rows * Components, deviation: 1, seed: 1), means = Sample(Rows * Components * Dimensions, deviation: 1, seed: 2);
        float[] logScales = Sample(Rows * Components * Dimensions, deviation: 0.3, seed: 3), targets = Sample(Rows * Dimensions, deviation: 1, seed: 4);
        float[] ofLogits = new float[logits.Length], ofMeans = new float[means.Length], ofScales = new float[logScales.Length];
        using Tensor x = tensor(targets, [Rows, 1, Dimensions]);
        using Tensor l = tensor(logits, [Rows, Components]).requires_grad_(), m = tensor(means, [Rows, Components, Dimensions]).requires_grad_();
        using Tensor s = tensor(logScales, [Rows, Components, Dimensions]).requires_grad_();
        report.Line("### Mixture density, loss + gradient, float, 65,536 rows x 32 components x 2 dimensions");
        report.Line();
        report.Row(["threads", $"{OursPeer.Label}, ms", $"{TorchPeer.Label}, ms", $"x {TorchPeer.Label}", "loss", $"loss of {TorchPeer.Label}"]);
        report.Rule(5);
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            set_num_threads(threads);
            MixtureDensityOptions own = new() { MaxDegreeOfParallelism = threads };
            float loss = 0, torchLoss = 0;
            Dictionary<string, Contestant> contestants = new()
            {
                [OursPeer.Label] = new(() => loss = MixtureDensity.LossAndGradient<float>(logits, means, logScales, targets, ofLogits, ofMeans, ofScales, own)),
                [TorchPeer.Label] = new(() => torchLoss = Torch(l, m, s, x)),
            };
            Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
            double[] ours = seconds[OursPeer.Label], theirs = seconds[TorchPeer.Label];
            report.Row(
            [
                $"{threads}",
                Report.Number(1e3 * Median(ours), "0.0"),
                Report.Number(1e3 * Median(theirs), "0.0"),
                Report.Number(Median([.. theirs.Zip(ours, (other, own) => other / own)]), "0.0"),
                Report.Number(loss, "0.000000"),
                Report.Number(torchLoss, "0.000000"),
            ]);
        }

        report.Line();
        report.WriteLoad("at the end");
    }

    /// <summary>Loss and gradient as a user writes them; gradients of the run before are dropped, as an optimiser does.</summary>
    private static float Torch(Tensor logits, Tensor means, Tensor logScales, Tensor x)
    {
        UpperHalves.Clear();
        using DisposeScope scope = NewDisposeScope();
        logits.grad = null;
        means.grad = null;
        logScales.grad = null;
        Tensor z = (x - means) * exp(-logScales);
        Tensor joint = logits - ((z * z * 0.5) + logScales).sum(-1);
        Tensor loss = (logits.logsumexp(-1) - joint.logsumexp(-1)).mean() + (Dimensions * LogSqrtTwoPi);
        loss.backward();
        return loss.item<float>();
    }

    private static float[] Sample(int count, double deviation, int seed)
    {
        Func<int, int, double> normal = Workload.Normal(new Random(seed), deviation);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)normal(0, i);
        }

        return values;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
