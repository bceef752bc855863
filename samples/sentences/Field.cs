using LogDomain.Sequences;
using SoftMaxRegression;

namespace Sentences;

/// <summary>A conditional random field over pieces of text: a score for each feature and tag, for each pair of tags, and for first and last ones.</summary>
internal sealed class Field(Features features)
{
    /// <summary>Words of a piece, wherever sentences begin and end.</summary>
    private const int PieceLength = 64;

    /// <summary>What a weight of 1 costs, as the loss of so many words: the variance of a normal prior is its inverse.</summary>
    private const double Decay = 0.5;

    /// <summary>Steps five times as long as usual: the weights have to come as far as 3 or so.</summary>
    private const double Rate = 0.05;

    private const int Tags = Words.Tags;
    private readonly double[] _weights = new double[(features.Count + Tags + 2) * Tags];

    /// <summary>Minimises the loss of a text; reports it, as the mean over words, before each step.</summary>
    public void Train(IReadOnlyList<Words> texts, int steps, Action<int, double> report)
    {
        Batch batch = new(features, texts);
        double[] emissions = new double[batch.Places * Tags], byEmissions = new double[emissions.Length], gradient = new double[_weights.Length];
        Adam adam = new(_weights.Length, Rate);
        for (int step = 0; step < steps; step++)
        {
            Score(batch, emissions);
            int shared = features.Count * Tags, start = shared + (Tags * Tags), end = start + Tags;
            Array.Clear(gradient);
            double loss = ConditionalRandomField.LossAndGradient(
                Chain(batch, emissions),
                batch.Right,
                new()
                {
                    Emissions = byEmissions,
                    Transitions = gradient.AsSpan(shared, Tags * Tags),
                    Start = gradient.AsSpan(start, Tags),
                    End = gradient.AsSpan(end, Tags),
                },
                new() { Reduction = SequenceReduction.Sum });
            for (int place = 0; place < batch.Places; place++)
            {
                foreach (int feature in batch.Features[place])
                {
                    for (int tag = 0; tag < Tags; tag++)
                    {
                        gradient[(feature * Tags) + tag] += byEmissions[(place * Tags) + tag];
                    }
                }
            }

            for (int i = 0; i < gradient.Length; i++)
            {
                gradient[i] += Decay * _weights[i];
            }

            report(step, loss / batch.Words);
            adam.Step(_weights, gradient);
        }
    }

    /// <summary>The most likely tags of a text.</summary>
    public int[] Decode(Words text)
    {
        Batch batch = new(features, [text]);
        double[] emissions = new double[batch.Places * Tags];
        Score(batch, emissions);
        int[] tags = new int[batch.Places];
        ConditionalRandomField.Decode(Chain(batch, emissions), tags);
        return [.. tags.Where(tag => tag >= 0)];
    }

    private void Score(Batch batch, double[] emissions)
    {
        Array.Clear(emissions);
        for (int place = 0; place < batch.Places; place++)
        {
            foreach (int feature in batch.Features[place])
            {
                for (int tag = 0; tag < Tags; tag++)
                {
                    emissions[(place * Tags) + tag] += _weights[(feature * Tags) + tag];
                }
            }
        }
    }

    private LinearChain<double> Chain(Batch batch, double[] emissions)
    {
        int shared = features.Count * Tags, start = shared + (Tags * Tags);
        return new(emissions, _weights.AsSpan(shared, Tags * Tags), Tags)
        {
            Batch = batch.Lengths.Length,
            Lengths = batch.Lengths,
            Start = _weights.AsSpan(start, Tags),
            End = _weights.AsSpan(start + Tags, Tags),
        };
    }

    /// <summary>Texts in pieces, the last of each padded.</summary>
    private sealed class Batch
    {
        public Batch(Features features, IReadOnlyList<Words> texts)
        {
            (Words Text, int First)[] pieces =
                [.. texts.SelectMany(text => Enumerable.Range(0, (text.Inputs.Count + PieceLength - 1) / PieceLength).Select(i => (text, i * PieceLength)))];
            Lengths = [.. pieces.Select(piece => Math.Min(PieceLength, piece.Text.Inputs.Count - piece.First))];
            Places = pieces.Length * PieceLength;
            Words = Lengths.Sum();
            Features = new int[Places][];
            Right = new int[Places];
            for (int place = 0; place < Places; place++)
            {
                (Words text, int first) = pieces[place / PieceLength];
                int at = first + (place % PieceLength);
                bool isWord = at < text.Inputs.Count;
                Features[place] = isWord ? features.Of(text.Inputs, at) : [];
                Right[place] = isWord ? text.Right[at] : 0;
            }
        }

        public int[][] Features { get; }

        public int[] Lengths { get; }

        public int Places { get; }

        public int[] Right { get; }

        public int Words { get; }
    }
}
