using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The best path of a sequence through the columns of a model, row after row, in logarithms: the maximum of sums. Matches and insertions need only the row before and are in vectors; deletions run along the row, one after the other.
/// </summary>
/// <remarks>
/// Of equal ways into a state the beginning comes first, then match, insertion and deletion; of equal ends the one after the fewest symbols, then the fewest columns, then match, insertion and deletion. For each cell seven bits say where its
/// states come from. Sums are in the order of the path, so that they are those of a plain loop.
/// </remarks>
internal static unsafe class ViterbiRows
{
    private const int Lanes = ColumnLogs.Lanes;

    // Where the states of a row begin, and the next row: constants, so that one register leads to all.
    private const int Insert = ColumnLogs.Most + Lanes, Delete = 2 * Insert, Leaving = 3 * Insert, Row = 4 * Insert;

    /// <summary>The bytes of eight cells: whether the match comes from a match rather than the beginning; else from an insertion; else from a deletion; and so on for the other two states.</summary>
    private const int MatchFromMatch = 0, MatchFromInsert = 1, MatchFromDelete = 2, InsertFromInsert = 3, InsertFromDelete = 4, DeleteFromDelete = 5, LeavesInsert = 6, Ways = 8;

    /// <param name="model">The columns, in logarithms.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="empty">The score of the path without a step, which is the best if no other is better.</param>
    public static ColumnPath Run(ColumnModel model, byte[] sequence, double empty)
    {
        int chunks = (model.Columns + Lanes - 1) / Lanes;
        byte[] ways = new byte[checked((nint)(sequence.Length + 1) * chunks * Ways)];
        Border[] border = Before(model, sequence);
        End best = new() { Score = empty, State = -1 };
        if (model.Columns == 0)
        {
            for (int row = 0; row < border.Length; row++)
            {
                best.Take(model, row, isLast: row == sequence.Length, border[row]);
            }
        }

        for (int index = 0; index < model.LogBlocks; index++)
        {
            ColumnLogs block = model.Logs(index);
            best = Vector512.IsHardwareAccelerated && Avx512F.IsSupported
                ? Block<DoubleVector512>(model, block, sequence, border, ways, best)
                : Block<DoubleVector256Pair>(model, block, sequence, border, ways, best);
        }

        return new(best.Score, best.State < 0 ? [] : Trace(model, chunks, ways, best));
    }

    /// <summary>The states of node 0 in each row.</summary>
    private static Border[] Before(ColumnModel model, byte[] sequence)
    {
        Border[] border = new Border[sequence.Length + 1];
        border[0] = new() { Match = model.StartsFirst ? 0 : double.NegativeInfinity, Insert = double.NegativeInfinity, Delete = double.NegativeInfinity };
        for (int i = 1; i < border.Length; i++)
        {
            Border last = border[i - 1];
            border[i] = new()
            {
                Match = model.StartsLater ? 0 : double.NegativeInfinity,
                Insert = Math.Max(last.Match + model.Transition(0, ColumnModel.MI), last.Insert + model.Transition(0, ColumnModel.II)) + model.Insert(0, sequence[i - 1]),
                Delete = double.NegativeInfinity,
            };
        }

        return border;
    }

    private static End Block<TLanes>(ColumnModel model, ColumnLogs block, byte[] sequence, Border[] border, byte[] ways, End best)
        where TLanes : unmanaged, ILanes<TLanes> =>
        model.HasCrossings ? Rows<TLanes, Crossings>(model, block, sequence, border, ways, best) : Rows<TLanes, NoCrossings>(model, block, sequence, border, ways, best);

    /// <summary>All rows of a block: reads from the border what comes from the columns before, writes there what goes to those after.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static End Rows<TLanes, TCrossings>(ColumnModel model, ColumnLogs block, byte[] sequence, Border[] border, byte[] ways, End best)
        where TLanes : unmanaged, ILanes<TLanes>
        where TCrossings : ICrossings
    {
        const double No = double.NegativeInfinity;
        int width = block.Vectors * Lanes, columns = block.Columns, rows = sequence.Length, chunks = (model.Columns + Lanes - 1) / Lanes;
        using Scratch<double> scratch = new((2 * Row) + Lanes);
        scratch.Span.Fill(No);
        bool isLastBlock = block.First + columns == model.Columns;
        double leaveMatch = model.Transition(block.First, ColumnModel.MD), leaveInsert = TCrossings.Any ? model.Transition(block.First, ColumnModel.ID) : No;
        double leaveDelete = block.First > 0 ? model.Transition(block.First, ColumnModel.DD) : No;
        fixed (double* memory = scratch.Span, table = block.Table)
        fixed (byte* bits = ways)
        {
            // A row's matches, insertions, deletions, and what leaves each column for the deletion of the next; each with the column before the block at -1.
            double* here = (double*)(((nint)memory + 63) & ~63) + Lanes, last = here + Row;
            for (int row = 0; row <= rows; row++)
            {
                Border before = border[row];
                here[-1] = before.Match;
                here[Insert - 1] = before.Insert;
                here[Delete - 1] = before.Delete;
                here[Leaving - 1] = Math.Max(before.Match + leaveMatch, before.Insert + leaveInsert);
                double delete = Math.Max(here[Leaving - 1], before.Delete + leaveDelete);
                byte* way = bits + ((((nint)row * chunks) + (block.First / Lanes)) * Ways);
                TLanes top = TLanes.Create(No);
                double* factors = table;
                if (row == 0)
                {
                    for (int column = 0; column < columns; column++)
                    {
                        here[Delete + column] = delete;
                        delete += factors[(column / Lanes * ColumnLogs.Kinds * Lanes) + (ColumnModel.DD * Lanes) + (column % Lanes)];
                    }
                }
                else
                {
                    TLanes enter = TLanes.Create(row == 1 || model.EntersAnyRow ? model.Entry : No);
                    double* emissions = table + block.EmissionOffset(sequence[row - 1]);
                    double* from = last, to = here;
                    for (double* end = here + width; to < end;)
                    {
                        TLanes m = TLanes.Load(from - 1) + TLanes.Load(factors + (ColumnModel.MM * Lanes));
                        way[MatchFromMatch] = (byte)TLanes.BitsOfLess(enter, m);
                        m = TLanes.Max(enter, m);
                        TLanes other = TLanes.Load(from + Insert - 1) + TLanes.Load(factors + (ColumnModel.IM * Lanes));
                        way[MatchFromInsert] = (byte)TLanes.BitsOfLess(m, other);
                        m = TLanes.Max(m, other);
                        other = TLanes.Load(from + Delete - 1) + TLanes.Load(factors + (ColumnModel.DM * Lanes));
                        way[MatchFromDelete] = (byte)TLanes.BitsOfLess(m, other);
                        m = TLanes.Max(m, other) + TLanes.Load(emissions);

                        TLanes s = TLanes.Load(from) + TLanes.Load(factors + (ColumnModel.MI * Lanes));
                        other = TLanes.Load(from + Insert) + TLanes.Load(factors + (ColumnModel.II * Lanes));
                        way[InsertFromInsert] = (byte)TLanes.BitsOfLess(s, other);
                        s = TLanes.Max(s, other);
                        if (TCrossings.Any)
                        {
                            other = TLanes.Load(from + Delete) + TLanes.Load(factors + (ColumnModel.DI * Lanes));
                            way[InsertFromDelete] = (byte)TLanes.BitsOfLess(s, other);
                            s = TLanes.Max(s, other);
                        }

                        s += TLanes.Load(emissions + Lanes);
                        m.Store(to);
                        s.Store(to + Insert);
                        top = TLanes.Max(top, m);

                        m += TLanes.Load(factors + (ColumnModel.MD * Lanes));
                        if (TCrossings.Any)
                        {
                            other = s + TLanes.Load(factors + (ColumnModel.ID * Lanes));
                            way[LeavesInsert] = (byte)TLanes.BitsOfLess(m, other);
                            m = TLanes.Max(m, other);
                        }

                        m.Store(to + Leaving);
                        for (int lane = 0; lane < Lanes; lane++)
                        {
                            to[Delete + lane] = delete;
                            delete = double.MaxNative(to[Leaving + lane], delete + factors[(ColumnModel.DD * Lanes) + lane]);
                        }

                        way += Ways;
                        from += Lanes;
                        to += Lanes;
                        emissions += 2 * Lanes;
                        factors += ColumnLogs.Kinds * Lanes;
                    }
                }

                way = bits + ((((nint)row * chunks) + (block.First / Lanes)) * Ways);
                for (double* at = here, end = here + width; at < end; at += Lanes, way += Ways)
                {
                    way[DeleteFromDelete] = (byte)TLanes.BitsOfLess(TLanes.Load(at + Leaving - 1), TLanes.Load(at + Delete));
                }

                bool isLast = row == rows;
                border[row] = new() { Match = here[columns - 1], Insert = here[Insert + columns - 1], Delete = here[Delete + columns - 1] };
                if (row > 0 && (model.EndsAnywhere || (isLast && model.EndsInLastRow)) && TLanes.BitsOfLess(top, TLanes.Create(best.Score)) != (1 << Lanes) - 1)
                {
                    best.TakeMatches(row, block.First, new(here, columns));
                }

                if (isLastBlock)
                {
                    best.Take(model, row, isLast, border[row]);
                }

                double* kept = here;
                here = last;
                last = kept;
            }
        }

        return best;
    }

    /// <summary>The way back from the best end.</summary>
    private static List<(int State, int Row, int Column)> Trace(ColumnModel model, int chunks, byte[] ways, End end)
    {
        List<(int, int, int)> steps = [];
        (int state, int row, int column) = (end.State, end.Row, end.Column);
        while (state >= 0)
        {
            // At node 0 there are insertions from the first symbol on, or a beginning.
            if (column == 0)
            {
                if (row == 0 || model.StartsLater)
                {
                    break;
                }

                state = ColumnModel.InsertState;
            }

            steps.Add((state, row, column));
            row -= state == ColumnModel.DeleteState ? 0 : 1;
            if (column > 0)
            {
                int arrived = row + (state == ColumnModel.DeleteState ? 0 : 1);
                column -= state == ColumnModel.InsertState ? 0 : 1;
                state = state switch
                {
                    ColumnModel.MatchState => Is(arrived, column + 1, MatchFromDelete) ? ColumnModel.DeleteState
                        : Is(arrived, column + 1, MatchFromInsert) ? ColumnModel.InsertState
                        : Is(arrived, column + 1, MatchFromMatch) ? ColumnModel.MatchState
                        : -1,
                    ColumnModel.InsertState => model.HasCrossings && Is(arrived, column, InsertFromDelete) ? ColumnModel.DeleteState
                        : Is(arrived, column, InsertFromInsert) ? ColumnModel.InsertState
                        : ColumnModel.MatchState,
                    _ => Is(arrived, column + 1, DeleteFromDelete) ? ColumnModel.DeleteState
                        : column > 0 && row > 0 && model.HasCrossings && Is(row, column, LeavesInsert) ? ColumnModel.InsertState
                        : ColumnModel.MatchState,
                };
            }
        }

        steps.Reverse();
        return steps;

        bool Is(int row, int column, int way) => (ways[((((nint)row * chunks) + ((column - 1) / Lanes)) * Ways) + way] >> ((column - 1) % Lanes) & 1) != 0;
    }

    /// <summary>The states of one column.</summary>
    private struct Border
    {
        public double Match;
        public double Insert;
        public double Delete;
    }

    /// <summary>The best end of a path so far.</summary>
    private struct End
    {
        public double Score;
        public int State;
        public int Row;
        public int Column;

        private void Take(double score, int state, int row, int column)
        {
            bool isBefore = State >= 0 && score == Score && (row < Row || (row == Row && (column < Column || (column == Column && state < State))));
            if (score > Score || isBefore)
            {
                (Score, State, Row, Column) = (score, state, row, column);
            }
        }

        public void TakeMatches(int row, int first, ReadOnlySpan<double> matches)
        {
            for (int column = 0; column < matches.Length; column++)
            {
                if (matches[column] >= Score)
                {
                    Take(matches[column], ColumnModel.MatchState, row, first + column + 1);
                }
            }
        }

        /// <summary>Ends in the last column.</summary>
        public void Take(ColumnModel model, int row, bool isLast, Border border)
        {
            if (isLast ? model.EndsInCorner : model.EndsInColumn)
            {
                Take(border.Match + model.EndMatch, ColumnModel.MatchState, row, model.Columns);
                Take(border.Insert + model.EndInsert, ColumnModel.InsertState, row, model.Columns);
                Take(border.Delete + model.EndDelete, ColumnModel.DeleteState, row, model.Columns);
            }
        }
    }
}
