using LogDomain.Kernels.Alignment;

namespace LogDomain.Tests.Sequences;

/// <summary>The best path through the columns of a model, cell after cell, with the choices among equal ones that the library documents.</summary>
internal static class PlainViterbi
{
    private const double No = double.NegativeInfinity;

    public static (double Score, List<(int State, int Row, int Column)> Steps) Run(ColumnModel model, byte[] sequence, double empty)
    {
        int rows = sequence.Length, columns = model.Columns;
        double[,,] score = new double[rows + 1, columns + 1, 3];
        int[,,] from = new int[rows + 1, columns + 1, 3];
        (double Score, int State, int Row, int Column) best = (empty, -1, 0, 0);
        for (int i = 0; i <= rows; i++)
        {
            for (int j = 0; j <= columns; j++)
            {
                bool enters = model.EntersAnyRow || i == 1;
                int symbol = i > 0 ? sequence[i - 1] : 0;
                Set(0, i - 1, j - 1, enters ? model.Entry : No, [ColumnModel.MM, ColumnModel.IM, ColumnModel.DM], j - 1, j > 0 && i > 0 ? model.Match(j, symbol) : 0);
                Set(1, i - 1, j, No, [ColumnModel.MI, ColumnModel.II, ColumnModel.DI], j, i > 0 ? model.Insert(j, symbol) : 0);
                Set(2, i, j - 1, No, [ColumnModel.MD, ColumnModel.ID, ColumnModel.DD], j - 1, 0);
                if (j == 0 && (i == 0 ? model.StartsFirst : model.StartsLater))
                {
                    (score[i, 0, 0], from[i, 0, 0]) = (0, -1);
                }

                double[] ends = [No, No, No];
                if (j == columns && (i == rows ? model.EndsInCorner : model.EndsInColumn))
                {
                    ends = [model.EndMatch, model.EndInsert, model.EndDelete];
                }
                else if (i > 0 && j > 0 && (model.EndsAnywhere || (model.EndsInLastRow && i == rows)))
                {
                    ends[0] = 0;
                }

                for (int state = 0; state < 3; state++)
                {
                    if (score[i, j, state] + ends[state] > best.Score)
                    {
                        best = (score[i, j, state] + ends[state], state, i, j);
                    }
                }

                void Set(int state, int fromI, int fromJ, double begin, int[] kinds, int node, double emission)
                {
                    (score[i, j, state], from[i, j, state]) = (No, -1);
                    if (fromI >= 0 && fromJ >= 0)
                    {
                        (double value, int way) = (begin, -1);
                        for (int s = 0; s < 3; s++)
                        {
                            double other = score[fromI, fromJ, s] + (score[fromI, fromJ, s] > No ? model.Transition(node, kinds[s]) : 0);
                            (value, way) = other > value ? (other, s) : (value, way);
                        }

                        (score[i, j, state], from[i, j, state]) = (value + emission, way);
                    }
                }
            }
        }

        List<(int, int, int)> steps = [];
        for ((int state, int i, int j) = (best.State, best.Row, best.Column); state >= 0 && !(state == 0 && j == 0);)
        {
            steps.Add((state, i, j));
            int way = from[i, j, state];
            i -= state == 2 ? 0 : 1;
            j -= state == 1 ? 0 : 1;
            state = way;
        }

        steps.Reverse();
        return (best.Score, steps);
    }
}
