using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The sum over all paths of a sequence through the columns of a model, row after row: plain products of probabilities, with one exponent for the row of a block of columns. Gives nothing where that is not enough.
/// </summary>
/// <remarks>
/// <para>
/// Deletions run along a row: each lane does its own columns first; what comes into it from the lanes before, times the product of its deletions, is added when the next row reads it.
/// </para>
/// <para>
/// Every row keeps its largest number from 2^800 to 2^950 and is given up if a match is below 2^-700. A column's factors being 2^-60 to 2^40 and 2^-100 to 1 (<see cref="ColumnBlock.IsRegular"/>), each state of
/// the next row then has a term of at least 2^-1020, and what underflow takes from it, a few times 2^-1074, is not seen in a double. Nor is what comes from the block before and underflows beside the matches of this one.
/// </para>
/// </remarks>
internal static unsafe class StripedSum
{
    private const int Lanes = ColumnBlock.Lanes, Middle = 900, High = 950;

    private static readonly double Largest = Math.ScaleB(1, High), Low = Math.ScaleB(1, 800), Smallest = Math.ScaleB(1, -700);

    private static bool IsWide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>The sum, or null where the numbers of a row are too far apart, or there are no rows or columns.</summary>
    public static ScaledNumber? Run(ColumnModel model, byte[] sequence) => Blocks<SumOnly>(model, sequence, default);

    /// <summary>
    /// The sum with that of <paramref name="others"/>, and the probability that a symbol is in the match of a column: a row of columns for each symbol. Forwards, then backwards, which is forwards through the columns and the
    /// sequence reversed. Null as above.
    /// </summary>
    public static ScaledNumber? Posterior(ColumnModel model, byte[] sequence, ScaledNumber others, Span<double> matches)
    {
        using Scratch<int> exponents = new((nint)model.Blocks * sequence.Length);
        fixed (double* cells = matches)
        fixed (int* rows = exponents.Span)
        {
            Matches kept = new() { Cells = cells, Exponents = rows, Columns = model.Columns, Rows = sequence.Length };
            if (Blocks<Forward>(model, sequence, kept) is not ScaledNumber paths)
            {
                return null;
            }

            ScaledNumber total = (others + paths).Normalised();
            if (total.IsZero)
            {
                matches.Clear();
                return total;
            }

            kept.Total = total;
            byte[] reversed = [.. sequence.Reverse()];
            return Blocks<Backward>(model.Reversed(), reversed, kept) is null ? null : total;
        }
    }

    private static ScaledNumber? Blocks<TPass>(ColumnModel model, byte[] sequence, Matches matches)
        where TPass : IPass
    {
        if (sequence.Length == 0 || model.Columns == 0)
        {
            return null;
        }

        ScaledNumber total = ScaledNumber.Zero;
        Border[] border = Before(model, sequence);
        for (int index = 0; index < model.Blocks; index++)
        {
            ColumnBlock block = model.Block(index);
            matches.Block = TPass.IsBackward ? model.Blocks - 1 - index : index;
            if (!block.IsRegular
                || !(IsWide ? Rows<DoubleVector512, TPass>(model, block, sequence, border, ref total, matches) : Rows<DoubleVector256Pair, TPass>(model, block, sequence, border, ref total, matches)))
            {
                return null;
            }
        }

        return total;
    }

    private static bool Rows<TLanes, TPass>(ColumnModel model, ColumnBlock block, byte[] sequence, Border[] border, ref ScaledNumber total, Matches matches)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPass : IPass =>
        model.HasCrossings
            ? Row<TLanes, Crossings, TPass>.Run(model, block, sequence, border, ref total, matches)
            : Row<TLanes, NoCrossings, TPass>.Run(model, block, sequence, border, ref total, matches);

    /// <summary>The states of node 0 in each row.</summary>
    private static Border[] Before(ColumnModel model, byte[] sequence)
    {
        Border[] border = new Border[sequence.Length + 1];
        border[0].Match = model.StartsFirst ? 1 : 0;
        for (int i = 1; i < border.Length; i++)
        {
            ref Border last = ref border[i - 1];
            double insert = ((last.Match * model.Transition(0, ColumnModel.MI)) + (last.Insert * model.Transition(0, ColumnModel.II))) * model.Insert(0, sequence[i - 1]);
            int own = insert > 0 ? Math.ILogB(insert) : 0;
            border[i] = new() { Match = model.StartsLater ? 1 : 0, Insert = Math.ScaleB(insert, -own), Exponent = insert > 0 ? last.Exponent + own : 0 };
        }

        return border;
    }

    /// <summary>k for a normal number from 2^k to 2^(k + 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Exponent(double value) => (int)(BitConverter.DoubleToInt64Bits(value) >> 52) - 1023;

    /// <summary>The states of one column, times 2^Exponent.</summary>
    private struct Border
    {
        public double Match;
        public double Insert;
        public double Delete;
        public int Exponent;

        /// <summary>The same with another exponent.</summary>
        public void Scale(int exponent)
        {
            if (exponent != Exponent)
            {
                Match = Math.ScaleB(Match, Exponent - exponent);
                Insert = Math.ScaleB(Insert, Exponent - exponent);
                Delete = Math.ScaleB(Delete, Exponent - exponent);
                Exponent = exponent;
            }
        }
    }

    /// <summary>What is done with the matches of a row, for the compiler.</summary>
    private interface IPass
    {
        static abstract bool IsForward { get; }

        static abstract bool IsBackward { get; }
    }

    private readonly struct SumOnly : IPass
    {
        public static bool IsForward => false;

        public static bool IsBackward => false;
    }

    private readonly struct Forward : IPass
    {
        public static bool IsForward => true;

        public static bool IsBackward => false;
    }

    private readonly struct Backward : IPass
    {
        public static bool IsForward => false;

        public static bool IsBackward => true;
    }

    /// <summary>Where matches are kept on the way forwards, and become probabilities on the way back.</summary>
    private struct Matches
    {
        public double* Cells;      // Rows of Columns
        public int* Exponents;     // of the rows of each block
        public int Columns;
        public int Rows;
        public int Block;          // as the way forwards counts them
        public ScaledNumber Total;
    }

    /// <summary>A row of one block.</summary>
    private ref struct Row<TLanes, TCrossings, TPass>
        where TLanes : unmanaged, ILanes<TLanes>
        where TCrossings : ICrossings
        where TPass : IPass
    {
        private const int Buffers = 5, IDPlace = (ColumnModel.ID + 2) * Lanes, DIPlace = (ColumnModel.DI + 2) * Lanes;

        private readonly ColumnModel _model;
        private readonly ColumnBlock _block;
        private readonly double* _table;
        private readonly int _width, _stride;

        // Match, insertion and deletion of each stripe; what deletions lack by lanes; the last stripe one lane further, which are the columns before those of the first.
        private readonly double* _states, _carry, _matchBefore, _insertBefore, _deleteBefore, _sums;
        private readonly double* _kept;     // the matches of a row; backwards without their emissions
        private readonly Matches _matches;
        private readonly TLanes _first;

        private Border _left;      // the column before the block
        private int _exponent;
        private double _entry;
        private double _ends;
        private ScaledNumber _total;

        private Row(ColumnModel model, ColumnBlock block, in Matches matches, double* memory)
        {
            _matches = matches;
            _model = model;
            _block = block;
            _width = 3 * block.Stripes * Lanes;
            _stride = block.Stride;
            _table = memory;
            _states = _table + block.Table.Length;
            _carry = _states + _width;
            _matchBefore = _carry + (2 * Lanes);
            _insertBefore = _matchBefore + (2 * Lanes);
            _deleteBefore = _insertBefore + (2 * Lanes);
            _sums = _deleteBefore + (2 * Lanes);
            _kept = _sums + (2 * Lanes);
            block.Table.CopyTo(new Span<double>(_table, block.Table.Length));
            new Span<double>(_states, _width + (2 * Lanes * Buffers)).Clear();
            _sums[0] = BitConverter.Int64BitsToDouble(-1);
            _first = TLanes.Load(_sums);
            _sums[0] = 0;
            _total = ScaledNumber.Zero;
        }

        /// <summary>All rows: reads from the border what comes from the columns before, writes there what goes to those after. False where the block has to be given up.</summary>
        public static bool Run(ColumnModel model, ColumnBlock block, byte[] sequence, Border[] border, ref ScaledNumber total, in Matches matches)
        {
            // Vectors that begin with a line of the cache are read in half the time.
            using Scratch<double> scratch = new(block.Table.Length + (4 * block.Stripes * Lanes) + (2 * Lanes * Buffers) + Lanes);
            fixed (double* memory = scratch.Span)
            {
                Row<TLanes, TCrossings, TPass> row = new(model, block, matches, (double*)(((nint)memory + 63) & ~63));
                bool isLast = block.First + block.Columns == model.Columns, isGood = row.Begin(ref border[0]);
                row._ends += isLast && model.EndsInColumn ? border[0].Delete * model.EndDelete : 0;
                for (int i = 1; i < border.Length && isGood; i++)
                {
                    bool isEnd = i == border.Length - 1;
                    isGood = row.Next(
                        i,
                        ref border[i],
                        sequence[i - 1],
                        model.EntersAnyRow || i == 1,
                        model.EndsAnywhere || (model.EndsInLastRow && isEnd),
                        isLast && (isEnd ? model.EndsInCorner : model.EndsInColumn));
                }

                row.AddUp();
                total += row._total;
                return isGood;
            }
        }

        /// <summary>Before the first symbol there are deletions alone.</summary>
        private bool Begin(ref Border border)
        {
            _left = border;
            double most = Math.Max(_left.Match, Math.Max(_left.Insert, _left.Delete));
            _exponent = most > 0 ? _left.Exponent + Exponent(most) - Middle : -Middle;
            _left.Scale(_exponent);
            _entry = Math.ScaleB(_model.Entry, -_exponent);
            double d = 0;
            for (int column = 0; column < _block.Columns; column++)
            {
                int place = _block.Place(column), stripe = place / Lanes, lane = place % Lanes;
                double* factors = _table + (stripe * _stride) + lane;
                d = column > 0
                    ? d * factors[ColumnModel.DD * Lanes]
                    : (_left.Match * factors[ColumnModel.MD * Lanes]) + (TCrossings.Any ? _left.Insert * factors[IDPlace] : 0) + (_left.Delete * factors[ColumnModel.DD * Lanes]);
                _states[((stripe * 3) + 2) * Lanes + lane] = d;
                if (d > 0 && d < Smallest)
                {
                    return false;
                }

                if (stripe == _block.Stripes - 1)
                {
                    _deleteBefore[lane + 1] = d;
                }
            }

            border = new() { Delete = d, Exponent = _exponent };
            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private bool Next(int row, ref Border border, int symbol, bool enters, bool endsAnywhere, bool endsInColumn)
        {
            Border next = border;
            if (next.Exponent != _exponent)
            {
                double most = Math.Max(next.Match, Math.Max(next.Insert, next.Delete));
                int above = most > 0 ? next.Exponent - _exponent + Exponent(most) - Middle : 0;
                if (above > High - Middle)
                {
                    Rescale(above);
                }

                next.Scale(_exponent);
            }

            int width = _width, stride = _stride;
            double* states = _states, factors = _table, emissions = _table + _block.EmissionOffset(symbol), kept = _kept;
            TLanes enter = TLanes.Create(enters ? _entry : 0), lack = TLanes.Load(_carry);
            TLanes m0 = TLanes.Select(_first, TLanes.Create(_left.Match), TLanes.Load(_matchBefore)), s0 = TLanes.Select(_first, TLanes.Create(_left.Insert), TLanes.Load(_insertBefore));
            TLanes d0 = TLanes.Select(_first, TLanes.Create(_left.Delete), TLanes.Load(_deleteBefore));
            TLanes m1 = TLanes.And(_first, TLanes.Create(next.Match)), s1 = TLanes.And(_first, TLanes.Create(next.Insert)), d1 = TLanes.And(_first, TLanes.Create(next.Delete));
            TLanes smallest = TLanes.Create(Largest), matches = TLanes.Create(0), others = m1 + s1 + d1;
            for (int q = 0; q < width; q += 3 * Lanes)
            {
                TLanes m = TLanes.FusedMultiplyAdd(m0, TLanes.Load(factors + (ColumnModel.MM * Lanes)), enter);
                m = TLanes.FusedMultiplyAdd(s0, TLanes.Load(factors + (ColumnModel.IM * Lanes)), m);
                m = TLanes.FusedMultiplyAdd(d0, TLanes.Load(factors + (ColumnModel.DM * Lanes)), m);
                if (TPass.IsBackward)
                {
                    m.Store(kept);
                    kept += Lanes;
                }

                m *= TLanes.Load(emissions);
                if (TPass.IsForward)
                {
                    m.Store(kept);
                    kept += Lanes;
                }

                TLanes into = m1 * TLanes.Load(factors + (ColumnModel.MD * Lanes));
                into = TCrossings.Any ? TLanes.FusedMultiplyAdd(s1, TLanes.Load(factors + IDPlace), into) : into;
                d1 = TLanes.FusedMultiplyAdd(d1, TLanes.Load(factors + (ColumnModel.DD * Lanes)), into);
                m0 = TLanes.Load(states + q);
                s0 = TLanes.Load(states + q + Lanes);
                d0 = TLanes.FusedMultiplyAdd(TLanes.Load(factors + (ColumnBlock.Prefix * Lanes)), lack, TLanes.Load(states + q + (2 * Lanes)));
                s1 = m0 * TLanes.Load(factors + (ColumnModel.MI * Lanes));
                s1 = TLanes.FusedMultiplyAdd(s0, TLanes.Load(factors + (ColumnModel.II * Lanes)), s1);
                s1 = (TCrossings.Any ? TLanes.FusedMultiplyAdd(d0, TLanes.Load(factors + DIPlace), s1) : s1) * TLanes.Load(emissions + Lanes);
                m1 = m;
                m1.Store(states + q);
                s1.Store(states + q + Lanes);
                d1.Store(states + q + (2 * Lanes));
                smallest = TLanes.Min(smallest, TLanes.Max(m1, TLanes.Load(factors + (ColumnBlock.Padding * Lanes))));
                matches += m1;
                others += s1;
                factors += stride;
                emissions += 2 * Lanes;
            }

            if (endsAnywhere)
            {
                (TLanes.Load(_sums) + matches).Store(_sums);
            }

            m1.Store(_matchBefore + 1);
            s1.Store(_insertBefore + 1);
            Carry();
            _left = next;
            if (TPass.IsForward)
            {
                Keep(row);
            }
            else if (TPass.IsBackward)
            {
                Meet(row);
            }

            int end = _block.Place(_block.Columns - 1);
            if (endsInColumn)
            {
                Border last = At(end);
                _ends += (last.Match * _model.EndMatch) + (last.Insert * _model.EndInsert) + (last.Delete * _model.EndDelete);
            }

            // The range of the row, by its sums.
            others += matches;
            double least = Smallest;
            if (TLanes.BitsOfLess(TLanes.Create(Largest), others) != 0 || TLanes.BitsOfLess(others, TLanes.Create(Low)) == (1 << Lanes) - 1)
            {
                int above = Above(others);
                Rescale(above);
                least = Math.ScaleB(Smallest, above);
            }

            border = At(end);
            return TLanes.BitsOfLess(smallest, TLanes.Create(least)) == 0;
        }

        /// <summary>Writes the matches of a row in the order of the columns.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Keep(int row)
        {
            _matches.Exponents[(_matches.Block * _matches.Rows) + row - 1] = _exponent;
            double* to = _matches.Cells + ((nint)(row - 1) * _matches.Columns) + _block.First;
            int stripes = _block.Stripes, columns = _block.Columns;
            for (int first = 0, lane = 0; first < columns; first += stripes, lane++)
            {
                double* from = _kept + lane;
                int count = Math.Min(stripes, columns - first);
                for (int q = 0; q < count; q++)
                {
                    to[first + q] = from[q * Lanes];
                }
            }
        }

        /// <summary>Multiplies what was kept by what follows and divides by the sum over all paths.</summary>
        /// <remarks>
        /// 2^distance comes in three parts. With the first, the larger side is at least the root of the probability; with the smaller side it is the probability without the other parts, below 2^1022. So a probability above 2^-900
        /// leaves the range of a double nowhere on its way.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Meet(int row)
        {
            int place = _matches.Rows - row;
            int distance = (int)Math.Clamp(_matches.Exponents[(_matches.Block * _matches.Rows) + place] + (double)_exponent - _matches.Total.Exponent, -4000, 4000);
            int toLarger = Math.Max(distance / 2, -1000), toBoth = Math.Max(distance - toLarger, -1000);
            double larger = Math.ScaleB(1, toLarger), both = Math.ScaleB(1, toBoth), rest = Math.ScaleB(1 / _matches.Total.Mantissa, distance - toLarger - toBoth);
            double* to = _matches.Cells + ((nint)place * _matches.Columns) + (_matches.Columns - 1 - _block.First);
            int stripes = _block.Stripes, columns = _block.Columns;
            for (int first = 0, lane = 0; first < columns; first += stripes, lane++)
            {
                double* from = _kept + lane;
                int count = Math.Min(stripes, columns - first);
                for (int q = 0; q < count; q++)
                {
                    double before = to[-first - q], after = from[q * Lanes];
                    to[-first - q] = double.MaxNative(before, after) * larger * double.MinNative(before, after) * both * rest;
                }
            }
        }

        /// <summary>What deletions bring from lane to lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Carry()
        {
            double* last = _table + _width / 3 / Lanes * _stride - _stride + (ColumnBlock.Prefix * Lanes), own = _states + _width - Lanes;
            double missing = 0;
            for (int lane = 1; lane < Lanes; lane++)
            {
                double d = own[lane - 1], step = last[lane - 1], go = _table[(ColumnModel.DD * Lanes) + lane];
                _deleteBefore[lane] = Math.FusedMultiplyAdd(step, missing, d);
                double into = Math.FusedMultiplyAdd(_matchBefore[lane], _table[(ColumnModel.MD * Lanes) + lane], d * go);
                into = TCrossings.Any ? Math.FusedMultiplyAdd(_insertBefore[lane], _table[IDPlace + lane], into) : into;
                missing = Math.FusedMultiplyAdd(step * go, missing, into);
                _carry[lane] = missing;
            }
        }

        /// <summary>By how much the largest is above the middle.</summary>
        private static int Above(TLanes values)
        {
            double* lanes = stackalloc double[Lanes];
            values.Store(lanes);
            double largest = 0;
            for (int lane = 0; lane < Lanes; lane++)
            {
                largest = Math.Max(largest, lanes[lane]);
            }

            return largest > 0 ? Exponent(largest) - Middle : 0;
        }

        private readonly Border At(int place)
        {
            double* at = _states + (place / Lanes * 3 * Lanes) + (place % Lanes);
            double prefix = _table[(place / Lanes * _stride) + (ColumnBlock.Prefix * Lanes) + (place % Lanes)];
            return new() { Match = at[0], Insert = at[Lanes], Delete = Math.FusedMultiplyAdd(prefix, _carry[place % Lanes], at[2 * Lanes]), Exponent = _exponent };
        }

        /// <summary>Everything divided by 2^by.</summary>
        private void Rescale(int by)
        {
            AddUp();
            _exponent += by;
            TLanes factor = TLanes.Create(Math.ScaleB(1, -by));
            for (double* at = _states; at < _sums; at += Lanes)
            {
                (TLanes.Load(at) * factor).Store(at);
            }

            _left.Scale(_exponent);
            _entry = Math.ScaleB(_model.Entry, -_exponent);
        }

        /// <summary>What has ended so far, out of this row's exponent.</summary>
        private void AddUp()
        {
            double sum = _ends;
            for (int lane = 0; lane < Lanes; lane++)
            {
                sum += _sums[lane];
                _sums[lane] = 0;
            }

            _ends = 0;
            _total = sum > 0 ? (_total + new ScaledNumber(sum, _exponent).Normalised()).Normalised() : _total;
        }
    }
}
