using LogDomain.Kernels;
using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>All alignments of two sequences, each with its probability under a model: the probabilities of pairs, the alignment of most right pairs, and draws.</summary>
public sealed class PairPosterior
{
    private readonly PairModel _model;
    private readonly ScaledNumber _total;
    private readonly double[] _matches;
    private readonly double _scale;
    private PairLattice? _cells;   // for draws: two threads that come here at once make the same

    internal PairPosterior(PairModel model, double scale)
    {
        _model = model;
        _scale = scale;
        _matches = GC.AllocateUninitializedArray<double>(checked(First * Second));
        _total = PairLattice.Posterior(model, _matches);
    }

    /// <summary>The length of the first sequence.</summary>
    public int First => _model.A.Length;

    /// <summary>The length of the second sequence.</summary>
    public int Second => _model.B.Length;

    /// <summary>The logarithm of the sum over all alignments.</summary>
    public double LogPartition => _total.Log();

    /// <summary>The probability that place i of the first sequence is paired with place j of the second: <see cref="First"/> rows of <see cref="Second"/>. All 0 where no alignment is possible.</summary>
    public ReadOnlySpan<double> Matches => _matches;

    /// <summary>The alignment whose expected number of right pairs is the largest (I. Holmes and R. Durbin, J. Comput. Biol. 5, 1998).</summary>
    /// <returns>The alignment from end to end; its score is the expected number of right pairs.</returns>
    public PairPath MaximumExpectedAccuracy()
    {
        int n = First, m = Second, width = m + 1;
        double[] best = new double[checked((n + 1) * width)];
        for (int i = 1; i <= n; i++)
        {
            for (int j = 1; j <= m; j++)
            {
                double pair = best[((i - 1) * width) + j - 1] + _matches[((i - 1) * m) + j - 1];
                best[(i * width) + j] = Math.Max(pair, Math.Max(best[((i - 1) * width) + j], best[(i * width) + j - 1]));
            }
        }

        List<PairColumn> columns = [];
        for (int i = n, j = m; i > 0 || j > 0;)
        {
            double here = best[(i * width) + j];
            if (i > 0 && j > 0 && _matches[((i - 1) * m) + j - 1] > 0 && here == best[((i - 1) * width) + j - 1] + _matches[((i - 1) * m) + j - 1])
            {
                columns.Add(new(--i, --j));
            }
            else if (i > 0 && (j == 0 || here == best[((i - 1) * width) + j]))
            {
                columns.Add(new(--i, -1));
            }
            else
            {
                columns.Add(new(-1, --j));
            }
        }

        columns.Reverse();
        return new(columns, best[^1]);
    }

    /// <summary>Draws an alignment with its probability.</summary>
    /// <param name="seed">Any number: the same seed and index give the same alignment.</param>
    /// <param name="index">Which of the draws of a seed.</param>
    /// <returns>The alignment, with its score.</returns>
    /// <exception cref="InvalidOperationException">No alignment is possible.</exception>
    public PairPath Sample(ulong seed, ulong index = 0)
    {
        if (_total.IsZero)
        {
            throw new InvalidOperationException("The sum over all alignments is 0: there is none to draw.");
        }

        Philox random = new(seed, index);
        ulong draws = 0;
        List<PairColumn> columns = [];
        double score = 0;
        (int state, int i, int j) = DrawEnd(random.Uniform(draws++));
        score += state < 0 ? _model.Empty : _model.End[state];
        while (state >= 0)
        {
            score += _model.Emission(state, i, j);
            columns.Add(new(state == PairModel.Second ? -1 : i - 1, state == PairModel.First ? -1 : j - 1));
            i -= state == PairModel.Second ? 0 : 1;
            j -= state == PairModel.First ? 0 : 1;
            int from = DrawBefore(state, i, j, random.Uniform(draws++));
            score += from < 0 ? _model.Begin[state] : _model.Transitions[(from * 3) + state];
            state = from;
        }

        columns.Reverse();
        return new(columns, score / _scale);
    }

    private PairLattice Cells => _cells ??= new(_model, keepAll: true);

    private (int State, int I, int J) DrawEnd(double uniform)
    {
        ScaledNumber total = Cells.Total;
        double left = uniform - (PairLattice.Exp(_model.Empty) / total).Value;
        (int State, int I, int J) last = (-1, 0, 0);
        for (int i = First; i >= 0 && left >= 0; i--)
        {
            for (int j = Second; j >= 0 && left >= 0; j--)
            {
                for (int state = 0; _model.MayEnd(i, j) && state < 3 && left >= 0; state++)
                {
                    double share = (Cells[state, i, j] * PairLattice.Exp(_model.End[state]) / total).Value;
                    left -= share;
                    last = share > 0 ? (state, i, j) : last;
                }
            }

            if (_model.Region == PairRegion.Whole)
            {
                break;
            }
        }

        return last;
    }

    private int DrawBefore(int state, int i, int j, double uniform)
    {
        ScaledNumber begin = _model.MayBegin(i, j) ? PairLattice.Exp(_model.Begin[state]) : ScaledNumber.Zero, total = begin;
        for (int from = 0; from < 3; from++)
        {
            total += Cells[from, i, j] * PairLattice.Exp(_model.Transitions[(from * 3) + state]);
        }

        double left = uniform - (begin / total).Value;
        int last = -1;
        for (int from = 0; from < 3 && left >= 0; from++)
        {
            double share = (Cells[from, i, j] * PairLattice.Exp(_model.Transitions[(from * 3) + state]) / total).Value;
            left -= share;
            last = share > 0 ? from : last;
        }

        return last;
    }
}
