using LogDomain.Kernels.Tiles;
using LogDomain.Losses;
using LogDomain.Peers.Peers;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Linear;

/// <summary>Losses that compute their logits, and the plain product they are made of, beside PyTorch, which stores the logits.</summary>
internal sealed class LinearSpeeds(Report report, Options options)
{
    private const int Rows = 1024, Features = 1024, Classes = 32_768, Side = 2048;

    private const int Pairs = 8192, PairFeatures = 512, ManyPairs = 65_536;

    // Near exp(4.6052), the largest that CLIP allows.
    private const double Scale = 50;

    private const int LargeRows = 4096, LargeFeatures = 2048, LargeClasses = 128_256;

    public void Write()
    {
        report.Line($"### Linear cross-entropy, float, {Rows} rows x {Features} features x {Classes:#,##0} classes, and the plain product of {Side} x {Side} matrices");
        report.Line();
        report.Row(["operation", "threads", $"{OursPeer.Label}, ms", $"{TorchPeer.Label}, ms", $"x {TorchPeer.Label}", "GFLOP/s", "extra MB", $"extra MB of {TorchPeer.Label}"]);
        report.Rule(7);
        WriteLosses();
        WriteProduct();
        WriteClip();
        report.Line();
        WriteFilter();
        if (options.Rounds > 1)
        {
            WriteLarge();
        }

        report.WriteLoad("at the end");
    }

    private void WriteLosses()
    {
        float[] embeddings = Sample(Rows * Features, 1, seed: 1), classifier = Sample(Classes * Features, 0.05f, seed: 2);
        Random random = new(3);
        int[] targets = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(Classes))];
        // Filled, so that their pages are there.
        float[] ofEmbeddings = Sample(embeddings.Length, 1, seed: 1), ofClassifier = Sample(classifier.Length, 1, seed: 1);
        using Tensor e = tensor(embeddings, [Rows, Features]).requires_grad_(), c = tensor(classifier, [Classes, Features]).requires_grad_();
        using Tensor t = tensor(targets.Select(target => (long)target).ToArray(), [Rows]);
        foreach (int threads in options.Threads)
        {
            LinearCrossEntropyOptions own = new() { CrossEntropy = new() { MaxDegreeOfParallelism = threads } };
            Compare(
                "forward",
                threads,
                2.0 * Rows * Features * Classes,
                () => _ = LinearCrossEntropy.Loss<float>(embeddings, classifier, targets, Features, own),
                () => Torch(e, c, t, withGradient: false));
            Compare(
                "forward and backward",
                threads,
                6.0 * Rows * Features * Classes,
                () => _ = LinearCrossEntropy.LossAndGradient<float>(embeddings, classifier, targets, Features, ofEmbeddings, ofClassifier, own),
                () => Torch(e, c, t, withGradient: true));
        }
    }

    /// <summary>
    /// Loss and gradient with the gradient filter beside the same without: logits as of a trained model, whose embeddings point to the row of their class.
    /// </summary>
    private void WriteFilter()
    {
        float[] classifier = Sample(Classes * Features, 0.05f, seed: 2), embeddings = Sample(Rows * Features, 1, seed: 1);
        Random random = new(3);
        int[] targets = [.. Enumerable.Range(0, Rows).Select(_ => random.Next(Classes))];
        for (int i = 0; i < embeddings.Length; i++)
        {
            // A class's own logit is 5 x 1,024 x 0.05^2 = 13 above those of others, which are N(0, 1.6^2): probabilities of 0.2 to 1.
            embeddings[i] += 5 * classifier[(targets[i / Features] * Features) + (i % Features)];
        }

        float[] ofEmbeddings = new float[embeddings.Length], ofClassifier = new float[classifier.Length], exact = new float[classifier.Length];
        double loss = 0;
        Machine.Pin(pinned: true);
        Dictionary<string, double> filters = new() { ["none"] = 0, ["2^-22"] = Math.ScaleB(1, -22), ["2^-17"] = Math.ScaleB(1, -17), ["2^-12"] = Math.ScaleB(1, -12) };
        Dictionary<string, double[]> seconds = Measurement.Run(
            filters.ToDictionary(filter => filter.Key, filter => new Contestant(() => loss = Loss(filter.Value))),
            options.Rounds,
            TimeSpan.FromMilliseconds(options.Sample),
            threads: 1);
        _ = Loss(0);
        ofClassifier.CopyTo(exact, 0);
        report.Line($"Gradient filter, one thread, loss {loss:F3}:");
        report.Line();
        report.Row(["filter", "ms", "x without", "error of the classifier's gradient, relative"]);
        report.Rule(4);
        foreach ((string filter, double[] times) in seconds)
        {
            _ = Loss(filters[filter]);
            double error = Math.Sqrt(ofClassifier.Zip(exact, (a, b) => (double)(a - b) * (a - b)).Sum() / exact.Sum(a => (double)a * a));
            report.Row([filter, Report.Number(1e3 * Median(times), "0"), Report.Number(Median(times) / Median(seconds["none"]), "0.00"), Report.Number(error, "0.0e0")]);
        }

        report.Line();

        double Loss(double filter) => LinearCrossEntropy.LossAndGradient<float>(
            embeddings, classifier, targets, Features, ofEmbeddings, ofClassifier, new() { GradientFilter = filter, CrossEntropy = new() { MaxDegreeOfParallelism = 1 } });

        static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
    }

    private unsafe void WriteProduct()
    {
        float[] a = Sample(Side * Side, 1, seed: 4), b = Sample(Side * Side, 1, seed: 5), product = Sample(Side * Side, 1, seed: 6);
        using Tensor left = tensor(a, [Side, Side]), right = tensor(b, [Side, Side]);
        foreach (int threads in options.Threads)
        {
            foreach (bool isTransposed in (bool[])[false, true])
            {
                Compare(
                    isTransposed ? "product A B^T" : "product A B",
                    threads,
                    2.0 * Side * Side * Side,
                    () =>
                    {
                        fixed (float* x = a, y = b, z = product)
                        {
                            MatrixProduct.Multiply(x, y, z, Side, Side, Side, isTransposed, threads);
                        }
                    },
                    () =>
                    {
                        using DisposeScope scope = NewDisposeScope();
                        _ = left.matmul(isTransposed ? right.t() : right);
                    });
            }
        }
    }

    private void WriteClip()
    {
        float[] images = Sample(Pairs * PairFeatures, 1, seed: 9), texts = Sample(Pairs * PairFeatures, 1, seed: 10);
        float[] ofImages = Sample(images.Length, 1, seed: 9), ofTexts = Sample(texts.Length, 1, seed: 9);
        using Tensor left = tensor(images, [Pairs, PairFeatures]).requires_grad_(), right = tensor(texts, [Pairs, PairFeatures]).requires_grad_();
        using Tensor scale = tensor((float)Scale).requires_grad_(), targets = arange(Pairs);
        foreach (int threads in options.Threads)
        {
            ClipOptions own = new() { MaxDegreeOfParallelism = threads };
            Compare(
                $"CLIP, {Pairs:#,##0} pairs x {PairFeatures}, forward and backward",
                threads,
                6.0 * Pairs * Pairs * PairFeatures,
                () => _ = Clip.LossAndGradient<float>(images, texts, PairFeatures, Scale, ofImages, ofTexts, out _, own),
                () => TorchClip(left, right, scale, targets));
        }
    }

    private static void TorchClip(Tensor images, Tensor texts, Tensor scale, Tensor targets)
    {
        UpperHalves.Clear();
        using DisposeScope scope = NewDisposeScope();
        images.grad = null;
        texts.grad = null;
        scale.grad = null;
        Tensor logits = scale * nn.functional.normalize(images).matmul(nn.functional.normalize(texts).t());
        Tensor loss = (nn.functional.cross_entropy(logits, targets) + nn.functional.cross_entropy(logits.t(), targets)) / 2;
        loss.backward();
        _ = loss.item<float>();
    }

    /// <summary>16 bits and a vocabulary of today, ours alone: stored, the logits of the float of PyTorch would be 2.1 GB.</summary>
    private void WriteLarge()
    {
        BFloat16[] embeddings = Narrow(Sample(LargeRows * LargeFeatures, 1, seed: 6)), classifier = Narrow(Sample(LargeClasses * LargeFeatures, 0.03f, seed: 7));
        Random random = new(8);
        int[] targets = [.. Enumerable.Range(0, LargeRows).Select(_ => random.Next(LargeClasses))];
        BFloat16[] ofEmbeddings = [.. embeddings], ofClassifier = [.. classifier];
        report.Line($"BFloat16, {LargeRows:#,##0} rows x {LargeFeatures:#,##0} features x {LargeClasses:#,##0} classes, {OursPeer.Label} alone, one run each:");
        report.Line();
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            LinearCrossEntropyOptions own = new() { CrossEntropy = new() { MaxDegreeOfParallelism = threads } };
            double forward = 0, both = 0;
            double memory = ExtraMemory.Of(() =>
            {
                forward = Seconds(() => _ = LinearCrossEntropy.Loss<BFloat16>(embeddings, classifier, targets, LargeFeatures, own));
                both = Seconds(() => _ = LinearCrossEntropy.LossAndGradient<BFloat16>(embeddings, classifier, targets, LargeFeatures, ofEmbeddings, ofClassifier, own));
            });
            report.Line($"- {threads} threads: forward {Report.Number(forward, "0.0")} s, forward and backward {Report.Number(both, "0.0")} s, extra memory {Report.Number(memory, "0")} MB");
        }

        float[] images = Sample(ManyPairs * PairFeatures, 1, seed: 11), texts = Sample(ManyPairs * PairFeatures, 1, seed: 12), ofImages = [.. images], ofTexts = [.. texts];
        ClipOptions clip = new() { MaxDegreeOfParallelism = options.Threads[^1] };
        double seconds = 0;
        double extra = ExtraMemory.Of(() => seconds = Seconds(() => _ = Clip.LossAndGradient<float>(images, texts, PairFeatures, Scale, ofImages, ofTexts, out _, clip)));
        report.Line($"- CLIP, {ManyPairs:#,##0} pairs x {PairFeatures}, float, {options.Threads[^1]} threads: forward and backward {Report.Number(seconds, "0")} s, extra memory {Report.Number(extra, "0")} MB; the logits would be 17 GB");
        report.Line();
    }

    private void Compare(string name, int threads, double operations, Action ours, Action theirs)
    {
        Machine.Pin(pinned: threads == 1);
        set_num_threads(threads);
        double ourMemory = ExtraMemory.Of(ours), theirMemory = ExtraMemory.Of(theirs);
        Dictionary<string, Contestant> contestants = new() { [OursPeer.Label] = new(ours), [TorchPeer.Label] = new(theirs) };
        Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
        double[] own = seconds[OursPeer.Label], other = seconds[TorchPeer.Label];
        report.Row(
        [
            name,
            $"{threads}",
            Report.Number(1e3 * Median(own), "0"),
            Report.Number(1e3 * Median(other), "0"),
            Report.Number(Median([.. other.Zip(own, (peer, mine) => peer / mine)]), "0.00"),
            Report.Number(operations / Median(own) / 1e9, "0"),
            Report.Number(ourMemory, "0"),
            Report.Number(theirMemory, "0"),
        ]);
    }

    internal static void Torch(Tensor embeddings, Tensor classifier, Tensor targets, bool withGradient)
    {
        UpperHalves.Clear();
        using DisposeScope scope = NewDisposeScope();
        if (!withGradient)
        {
            using IDisposable noGradient = no_grad();
            _ = nn.functional.cross_entropy(embeddings.matmul(classifier.t()), targets).item<float>();
            return;
        }

        embeddings.grad = null;
        classifier.grad = null;
        Tensor loss = nn.functional.cross_entropy(embeddings.matmul(classifier.t()), targets);
        loss.backward();
        _ = loss.item<float>();
    }

    private static double Seconds(Action action)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        action();
        return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static BFloat16[] Narrow(float[] values) => [.. values.Select(value => (BFloat16)value)];

    internal static float[] Sample(int count, float size, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() * 2) - 1) * size;
        }

        return values;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
