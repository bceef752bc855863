using LogDomain.Peers.Peers;
using LogDomain.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Alignments;

/// <summary>CTC beside PyTorch's, and the cells a second of sums over alignments, which have no peer here.</summary>
internal sealed class AlignmentSpeeds(Report report, Options options, bool hasTorch)
{
    private static readonly (int Frames, int Sequences, int Classes, int Tokens)[] Shapes = [(150, 16, 29, 50), (500, 32, 32, 100), (1000, 16, 5000, 200)];

    public void Write()
    {
        report.Line("### CTC of logits, float: loss, and loss + gradient by logits; that of PyTorch is log_softmax, ctc_loss and backward");
        report.Line();
        report.Row(["frames, sequences, classes, tokens", "threads", "LogDomain, loss, ms", "torch, loss, ms", "x torch", "LogDomain, ms", "torch, ms", "x torch", "loss", "loss of torch"]);
        report.Rule(9);
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            if (hasTorch)
            {
                set_num_threads(threads);
            }

            foreach ((int frames, int sequences, int classes, int tokens) in Shapes)
            {
                Ctc(frames, sequences, classes, tokens, threads);
            }
        }

        report.Line();
        Machine.Pin(pinned: true);
        report.Line("### Sums over alignments, one thread; a cell has three states");
        report.Line();
        report.Row(["what", "10^9 cells/s", "result"]);
        report.Rule(2);
        Reads();
        Pairs();
        Profiles();
        report.Line();
        report.Line("### Beam search, one thread: 1,000 frames of 5,000 tokens, float, beam 100");
        report.Line();
        report.Row(["emissions", "language model", "sequences/s", "best score"]);
        report.Rule(3);
        Beams();
        report.Line();
        report.WriteLoad("at the end");
    }

    private void Ctc(int frames, int sequences, int classes, int tokens, int threads)
    {
        Random random = new(1);
        float[] logits = Numbers(random, frames * sequences * classes), gradient = new float[logits.Length], losses = new float[sequences], weights = new float[sequences];
        int[] targets = [.. Enumerable.Range(0, sequences * tokens).Select(_ => 1 + random.Next(classes - 1))];
        int[] frameLengths = [.. Enumerable.Repeat(frames, sequences)], targetLengths = [.. Enumerable.Repeat(tokens, sequences)];
        Array.Fill(weights, 1f / (sequences * tokens));   // the mean of PyTorch
        CtcOptions own = new() { MaxDegreeOfParallelism = threads };
        float torchLoss = float.NaN;
        Dictionary<string, Contestant> loss = new() { ["own"] = new(() => LogDomain.Sequences.Ctc.Loss<float>(logits, classes, frameLengths, targets, targetLengths, losses, own)) };
        Dictionary<string, Contestant> both = new()
        {
            ["own"] = new(() => LogDomain.Sequences.Ctc.LossAndGradient<float>(logits, classes, frameLengths, targets, targetLengths, losses, gradient, weights, own)),
        };
        if (hasTorch)
        {
            // PyTorch has frames before sequences.
            using Tensor batch = tensor(logits, [sequences, frames, classes]);
            Tensor x = batch.transpose(0, 1).contiguous().detach().requires_grad_();
            Tensor y = tensor(targets.Select(token => (long)token).ToArray(), [sequences, tokens]);
            Tensor xLengths = tensor(frameLengths.Select(length => (long)length).ToArray()), yLengths = tensor(targetLengths.Select(length => (long)length).ToArray());
            loss["torch"] = new(
                () =>
                {
                    UpperHalves.Clear();
                    using DisposeScope scope = NewDisposeScope();
                    using IDisposable noGradient = no_grad();
                    torchLoss = nn.functional.ctc_loss(nn.functional.log_softmax(x, 2), y, xLengths, yLengths).item<float>();
                });
            both["torch"] = new(
                () =>
                {
                    UpperHalves.Clear();
                    using DisposeScope scope = NewDisposeScope();
                    x.grad = null;
                    Tensor value = nn.functional.ctc_loss(nn.functional.log_softmax(x, 2), y, xLengths, yLengths);
                    value.backward();
                    torchLoss = value.item<float>();
                },
                x,
                y,
                xLengths,
                yLengths);
        }

        Dictionary<string, double[]> seconds = Measurement.Run(loss, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
        double ownLoss = Median(seconds["own"]), theirLoss = hasTorch ? Median(seconds["torch"]) : double.NaN;
        seconds = Measurement.Run(both, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
        double ownBoth = Median(seconds["own"]), theirBoth = hasTorch ? Median(seconds["torch"]) : double.NaN;
        report.Row(
        [
            $"{frames:#,##0}, {sequences}, {classes:#,##0}, {tokens}", $"{threads}", Number(1e3 * ownLoss), Number(1e3 * theirLoss), Number(theirLoss / ownLoss), Number(1e3 * ownBoth),
            Number(1e3 * theirBoth), Number(theirBoth / ownBoth), $"{losses.Average() / tokens}", $"{torchLoss}",
        ]);
        foreach (Contestant contestant in both.Values)
        {
            contestant.Dispose();
        }
    }

    private void Reads()
    {
        Random random = new(1);
        string reference = Letters(random, ProfileHmm.Bases, 420);
        string[] haplotypes = new string[128];
        Array.Fill(haplotypes, reference[..400]);
        byte[] qualities = new byte[250];
        Array.Fill(qualities, (byte)30);
        double[] likelihoods = new double[haplotypes.Length];
        Cells("likelihood of a read of 250 given 128 haplotypes of 400", 250.0 * 400 * 128, () =>
        {
            ReadLikelihood.LogLikelihood(reference.Substring(20, 250), qualities, [45], [45], [10], haplotypes, likelihoods, 1);
            return likelihoods[0];
        });
    }

    private void Pairs()
    {
        Random random = new(1);
        string first = Letters(random, ProfileHmm.Bases, 2000), second = first[..1000] + Letters(random, ProfileHmm.Bases, 1000);
        double[] pairs = [.. Enumerable.Range(0, 16).Select(i => i % 5 == 0 ? 0.22 : 0.01)];
        PairHmm model = new(ProfileHmm.Bases, pairs, [0.25, 0.25, 0.25, 0.25], 0.01, 0.3, 1e-4);
        Cells("PairHmm.LogProbability, 2,000 x 2,000 bases", 4e6, () => model.LogProbability(first, second));
        Cells("PairHmm.Posterior, 2,000 x 2,000 bases", 4e6, () => model.Posterior(first, second).LogPartition);
        Cells("PairHmm.Align, 2,000 x 2,000 bases", 4e6, () => model.Align(first, second).Score);
        foreach (PairAlignmentMode mode in Enum.GetValues<PairAlignmentMode>())
        {
            PairAlignmentOptions ofMode = new() { Matrix = SubstitutionMatrix.Nucleotide(), Mode = mode };
            Cells($"PairAlignment.LogPartition, 2,000 x 2,000 bases, {mode}", 4e6, () => PairAlignment.LogPartition(first, second, ofMode));
            Cells($"PairAlignment.Posterior, 2,000 x 2,000 bases, {mode}", 4e6, () => PairAlignment.Posterior(first, second, ofMode).LogPartition);
            Cells($"PairAlignment.Align, 2,000 x 2,000 bases, {mode}", 4e6, () => PairAlignment.Align(first, second, ofMode).Score);
        }
    }

    private void Profiles()
    {
        Random random = new(1);
        foreach (int length in (int[])[150, 1000])
        {
            string root = Letters(random, ProfileHmm.AminoAcids, length);
            FastaRecord[] family = [.. Enumerable.Range(0, 20).Select(i => new FastaRecord($"{i}", "", string.Concat(root.Select(letter => random.Next(20) switch
            {
                < 13 => letter,
                < 19 => ProfileHmm.AminoAcids[random.Next(20)],
                _ => '-',
            }))))];
            ProfileHmm profile = ProfileHmm.FromAlignment(family);
            string sequence = Letters(random, ProfileHmm.AminoAcids, length / 2) + root + Letters(random, ProfileHmm.AminoAcids, length / 2);
            foreach (ProfileMode mode in Enum.GetValues<ProfileMode>())
            {
                string shape = $"{length:#,##0} columns x {sequence.Length:#,##0} amino acids, {mode}";
                double cells = (double)length * sequence.Length;
                Cells($"ProfileHmm.Forward, {shape}", cells, () => profile.Forward(sequence, mode));
                Cells($"ProfileHmm.Posterior, {shape}", cells, () => profile.Posterior(sequence, mode).Score);
                Cells($"ProfileHmm.Viterbi, {shape}", cells, () => profile.Viterbi(sequence, mode).Score);
            }
        }
    }

    private void Cells(string what, double cells, Func<double> run)
    {
        double result = 0;
        double[] seconds = Measurement.Run(new Dictionary<string, Contestant>() { ["own"] = new(() => result = run()) }, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads: 1)["own"];
        report.Row([what, Report.Number(cells / Median(seconds) / 1e9, "0.000"), $"{result}"]);
    }

    private void Beams()
    {
        const int Frames = 1000, Classes = 5000;
        Random random = new(1);
        float[] flat = Numbers(random, Frames * Classes), peaked = [.. flat];
        for (int t = 0; t < Frames; t++)
        {
            peaked[(t * Classes) + (t % 4 == 0 ? 1 + random.Next(Classes - 1) : 0)] += 12;   // as a trained model has them
        }

        string[] tokens = [.. Enumerable.Range(0, Classes).Select(i => i == 0 ? "" : $"w{i}")];
        ArpaLanguageModel model = ArpaLanguageModel.Read(new StringReader(
            $"\\data\\\nngram 1={Classes}\nngram 2={Classes - 1}\n\n\\1-grams:\n{string.Concat(tokens[1..].Select(word => $"-3.7 {word} -0.3\n"))}-3.7 </s>\n\n\\2-grams:\n"
            + $"{string.Concat(Enumerable.Range(1, Classes - 1).Select(i => $"-1 w{i} w{(i * 7 % (Classes - 1)) + 1}\n"))}\n\\end\\\n"));
        foreach ((string name, float[] emissions) in ((string, float[])[])[("flat: uniform from -3 to 3", flat), ("one peak in each frame", peaked)])
        {
            foreach (CtcBeamOptions beam in (CtcBeamOptions[])[new(), new() { Tokens = tokens, WordBoundary = "", LanguageModel = model }])
            {
                double score = 0;
                double[] seconds = Measurement.Run(
                    new Dictionary<string, Contestant>() { ["own"] = new(() => score = LogDomain.Sequences.Ctc.BeamSearch<float>(emissions, Classes, beam)[0].Score) },
                    options.Rounds,
                    TimeSpan.FromMilliseconds(options.Sample),
                    threads: 1)["own"];
                report.Row([name, beam.LanguageModel is null ? "none" : "2-grams of 4,999 words", Report.Number(1 / Median(seconds), "0.0"), $"{score}"]);
            }
        }
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((6 * random.NextDouble()) - 3))];

    private static string Letters(Random random, string alphabet, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => alphabet[random.Next(alphabet.Length)]));

    private static string Number(double value) => Report.Number(value, "0.00");

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
