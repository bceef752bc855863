using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The sum over all alignments of two sequences, as a wave front: cells of an anti-diagonal do not depend on each other and lie in the lanes, each state with an exponent of its own
/// (<see cref="ScaledLanes{TLanes}"/>). R. Durbin, S. Eddy, A. Krogh and G. Mitchison, "Biological sequence analysis", 1998, sections 4.1 to 4.4.
/// </summary>
/// <remarks>Diagonal d holds the cells (i, d - i). In memory a diagonal has six rows over i: mantissas and exponents of three states.</remarks>
internal sealed unsafe class PairLattice
{
    private const int Padding = 8;

    private readonly PairModel _model;
    private readonly int _width;
    private readonly int _kept;      // diagonals in memory: all, or the last three
    private readonly double[] _memory;

    /// <param name="model">The sequences and the model.</param>
    /// <param name="keepAll">Whether cells are asked for afterwards.</param>
    public PairLattice(PairModel model, bool keepAll)
    {
        _model = model;
        _width = ((model.A.Length + 1 + Padding - 1) / Padding * Padding) + (2 * Padding);
        _kept = keepAll ? model.A.Length + model.B.Length + 1 : 3;
        _memory = new double[checked((nint)_kept * 6 * _width)];
        Total = Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? Run<DoubleVector512>() : Run<DoubleVector256Pair>();
    }

    /// <summary>The sum over all alignments, by rows with a common exponent where that is enough.</summary>
    public static ScaledNumber Sum(PairModel model) =>
        (StripedSum.Run(new PairColumns(model), model.A) ?? StripedSum.Run(new PairColumns(model, width: PairColumns.Narrow), model.A)) is ScaledNumber sum
            ? Exp(model.Empty) + sum
            : new PairLattice(model, keepAll: false).Total;

    /// <summary>The sum over all alignments, and the probabilities of pairs, a row for each symbol of the first sequence.</summary>
    public static ScaledNumber Posterior(PairModel model, double[] matches) =>
        StripedSum.Posterior(new PairColumns(model), model.A, Exp(model.Empty), matches)
        ?? StripedSum.Posterior(new PairColumns(model, width: PairColumns.Narrow), model.A, Exp(model.Empty), matches)
        ?? PosteriorOfCells(model, matches);

    /// <summary>The same with an exponent for each number.</summary>
    public static ScaledNumber PosteriorOfCells(PairModel model, double[] matches)
    {
        PairLattice forward = new(model, keepAll: true), backward = new(model.Reversed(), keepAll: true);
        int n = model.A.Length, m = model.B.Length;
        for (int i = 1; i <= n; i++)
        {
            for (int j = 1; j <= m; j++)
            {
                // Both sides have the emission of the cell.
                ScaledNumber pair = forward[PairModel.Match, i, j] * backward[PairModel.Match, n - i + 1, m - j + 1] / Exp(model.Emission(PairModel.Match, i, j)) / forward.Total;
                matches[((i - 1) * m) + j - 1] = pair.Value;
            }
        }

        return forward.Total;
    }

    /// <summary>The sum over all alignments.</summary>
    public ScaledNumber Total { get; }

    /// <summary>The sum over all alignments up to a cell, which ends in the state.</summary>
    public ScaledNumber this[int state, int i, int j]
    {
        get
        {
            if (i < 0 || j < 0)
            {
                return ScaledNumber.Zero;
            }

            nint at = ((nint)((i + j) % _kept) * 6 * _width) + (2 * state * _width) + Padding + i;
            return new(_memory[at], _memory[at + _width]);
        }
    }

    private void Clear(int diagonal)
    {
        Span<double> rows = _memory.AsSpan(diagonal % _kept * 6 * _width, 6 * _width);
        for (int row = 0; row < 6; row++)
        {
            rows.Slice(row * _width, _width).Fill(row % 2 == 0 ? 1 : double.NegativeInfinity);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ScaledNumber Run<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes>
    {
        int n = _model.A.Length, m = _model.B.Length, symbols = _model.Symbols;
        ScaledNumber total = Exp(_model.Empty);
        ScaledTable transitions = new(_model.Transitions), begins = new(_model.Begin), pairs = new(_model.Pairs), singles = new(_model.Singles);
        ScaledNumber[] ends = [.. _model.End.Select(Exp)];
        double* buffer = stackalloc double[9 * 8];
        fixed (double* memory = _memory)
        {
            for (int d = 0; d <= n + m; d++)
            {
                Clear(d);
                double* to = memory + ((nint)(d % _kept) * 6 * _width) + Padding;
                double* one = memory + ((nint)((d + _kept - 1) % _kept) * 6 * _width) + Padding, two = memory + ((nint)((d + _kept - 2) % _kept) * 6 * _width) + Padding;
                int low = Math.Max(0, d - m), high = Math.Min(n, d);
                for (int i = low; d > 0 && i <= high; i += 8)
                {
                    for (int lane = 0; lane < 8; lane++)
                    {
                        int row = i + lane, column = d - row;
                        bool isInside = row <= high;
                        Put(buffer, lane, pairs, isInside && row > 0 && column > 0 ? (_model.A[row - 1] * symbols) + _model.B[column - 1] : -1);
                        Put(buffer + 16, lane, singles, isInside && row > 0 ? _model.A[row - 1] : -1);
                        Put(buffer + 32, lane, singles, isInside && column > 0 ? _model.B[column - 1] : -1);
                        buffer[48 + lane] = _model.MayBegin(row - 1, column - 1) ? begins.Exponents[PairModel.Match] : double.NegativeInfinity;
                        buffer[56 + lane] = _model.MayBegin(row - 1, column) ? begins.Exponents[PairModel.First] : double.NegativeInfinity;
                        buffer[64 + lane] = _model.MayBegin(row, column - 1) ? begins.Exponents[PairModel.Second] : double.NegativeInfinity;
                    }

                    for (int part = 0; part < 8; part += TLanes.Count)
                    {
                        // The first two diagonals have nothing before them; what is in memory then is not theirs.
                        int at = i + part;
                        Cell<TLanes>(d > 1 ? two + at - 1 : null, _width, PairModel.Match, transitions, begins, buffer + part, buffer + 48 + part, to + at);
                        Cell<TLanes>(one + at - 1, _width, PairModel.First, transitions, begins, buffer + 16 + part, buffer + 56 + part, to + (2 * _width) + at);
                        Cell<TLanes>(one + at, _width, PairModel.Second, transitions, begins, buffer + 32 + part, buffer + 64 + part, to + (4 * _width) + at);
                    }
                }

                total = AddEnds(total, d, low, high, ends);
            }
        }

        return total;
    }

    /// <summary>One state of the cells in the lanes: what comes from three states and from the beginning, times the emission.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Cell<TLanes>(
        double* from, int width, int state, in ScaledTable transitions, in ScaledTable begins, double* emissions, double* mayBegin, double* to)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes exponent = TLanes.Load(mayBegin), sum = TLanes.Create(begins.Mantissas[state]);
        if (from != null)
        {
            TLanes none = exponent;
            TLanes e0 = TLanes.Load(from + width) + TLanes.Create(transitions.Exponents[state]);
            TLanes e1 = TLanes.Load(from + (3 * width)) + TLanes.Create(transitions.Exponents[3 + state]);
            TLanes e2 = TLanes.Load(from + (5 * width)) + TLanes.Create(transitions.Exponents[6 + state]);
            exponent = TLanes.Max(TLanes.Max(exponent, e0), TLanes.Max(e1, e2));
            sum *= ScaledLanes<TLanes>.Scale(exponent, none);
            sum = TLanes.FusedMultiplyAdd(TLanes.Load(from) * TLanes.Create(transitions.Mantissas[state]), ScaledLanes<TLanes>.Scale(exponent, e0), sum);
            sum = TLanes.FusedMultiplyAdd(TLanes.Load(from + (2 * width)) * TLanes.Create(transitions.Mantissas[3 + state]), ScaledLanes<TLanes>.Scale(exponent, e1), sum);
            sum = TLanes.FusedMultiplyAdd(TLanes.Load(from + (4 * width)) * TLanes.Create(transitions.Mantissas[6 + state]), ScaledLanes<TLanes>.Scale(exponent, e2), sum);
        }

        exponent += TLanes.Load(emissions + 8);
        ScaledLanes<TLanes>.Normalise(sum * TLanes.Load(emissions), ref exponent).Store(to);
        exponent.Store(to + width);
    }

    private static void Put(double* buffer, int lane, in ScaledTable table, int index)
    {
        buffer[lane] = index < 0 ? 1 : table.Mantissas[index];
        buffer[8 + lane] = index < 0 ? double.NegativeInfinity : table.Exponents[index];
    }

    private ScaledNumber AddEnds(ScaledNumber total, int d, int low, int high, ScaledNumber[] ends)
    {
        if (_model.Region == PairRegion.Whole && d < _model.A.Length + _model.B.Length)
        {
            return total;
        }

        for (int i = low; i <= high; i++)
        {
            for (int state = 0; _model.MayEnd(i, d - i) && state < 3; state++)
            {
                total += this[state, i, d - i] * ends[state];
            }
        }

        return total;
    }

    public static ScaledNumber Exp(double x)
    {
        double k = double.IsFinite(x) ? Math.Round(x * 1.4426950408889634) : 0;
        return double.IsNegativeInfinity(x) ? ScaledNumber.Zero : new(ScalarFunctions.Exp(Math.FusedMultiplyAdd(k, -1.90821492927058770002e-10, Math.FusedMultiplyAdd(k, -6.93147180369123816490e-01, x))), k);
    }

    /// <summary>The exponentials of a table.</summary>
    private readonly struct ScaledTable(double[] logarithms)
    {
        public readonly double[] Mantissas = [.. logarithms.Select(x => Exp(x).Mantissa)];

        public readonly double[] Exponents = [.. logarithms.Select(x => Exp(x).Exponent)];
    }
}
