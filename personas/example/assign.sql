-- Places customers into the groups of a study by its frozen model, as `personas assign` does. It reads a table
--   customers with one row per customer and these columns:
-- Numbers, as the study's customer features define them (shares from 0 to 1): "orders", "recency_days",
--   "average_order_value", "discount_share", "coupon_share", "monday_share", "saturday_share", "sunday_share",
--   "morning_share", "evening_share", "channel_web_share", "channel_app_share".
-- Answers on a scale, counted from 0: "origin", "ingredients", "pay_more", "packaging", "wait_sale", "compare",
--   "coupon_first", "little_time", "fixed_day", "doubt_labels".
-- Ticked 1 or not ticked 0: "reasons: price", "reasons: less harm to nature", "reasons: quality", "reasons: fast
--   delivery", "reasons: invoice", "reasons: smell".
-- Answers as text: "household", "buys_for".
-- NULL means not known. A missing number of behaviour takes the median of the study, a question that was not
--   answered adds nothing, and without orders (NULL or 0) the model does not place anybody.
-- It gives customer_id, persona (persona-1, persona-2, persona-3, one-order, no-order and unassigned), its
--   probability, and p_ for each group of the model, which is NULL where a rule decided.
WITH told AS (
SELECT
  "customer_id",
  "orders",
  CASE
    WHEN "recency_days" BETWEEN -1E+300 AND 1e+300
    THEN "recency_days"
    ELSE NULL
  END AS "v_recency_days",
  CASE WHEN "orders" BETWEEN -1E+300 AND 1e+300 THEN "orders" ELSE NULL END AS "v_orders",
  CASE
    WHEN "average_order_value" BETWEEN -1E+300 AND 1e+300
    THEN "average_order_value"
    ELSE NULL
  END AS "v_average_order_value",
  CASE
    WHEN "discount_share" BETWEEN 0.0 AND 1.0
    THEN "discount_share"
    WHEN "discount_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "discount_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_discount_share",
  CASE
    WHEN "coupon_share" BETWEEN 0.0 AND 1.0
    THEN "coupon_share"
    WHEN "coupon_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "coupon_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_coupon_share",
  CASE
    WHEN "monday_share" BETWEEN 0.0 AND 1.0
    THEN "monday_share"
    WHEN "monday_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "monday_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_monday_share",
  CASE
    WHEN "saturday_share" + "sunday_share" BETWEEN 0.0 AND 1.0
    THEN "saturday_share" + "sunday_share"
    WHEN "saturday_share" + "sunday_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "saturday_share" + "sunday_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_weekend_share",
  CASE
    WHEN "morning_share" BETWEEN 0.0 AND 1.0
    THEN "morning_share"
    WHEN "morning_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "morning_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_morning_share",
  CASE
    WHEN "evening_share" BETWEEN 0.0 AND 1.0
    THEN "evening_share"
    WHEN "evening_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "evening_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_evening_share",
  CASE
    WHEN "channel_web_share" BETWEEN 0.0 AND 1.0
    THEN "channel_web_share"
    WHEN "channel_web_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "channel_web_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_channel_web_share",
  CASE
    WHEN "channel_app_share" BETWEEN 0.0 AND 1.0
    THEN "channel_app_share"
    WHEN "channel_app_share" BETWEEN -0.000001 AND 0.0
    THEN 0.0
    WHEN "channel_app_share" BETWEEN 1.0 AND 1.000001
    THEN 1.0
    ELSE NULL
  END AS "v_channel_app_share",
  CASE
    WHEN "orders" BETWEEN -1E+300 AND 1e+300
    THEN GREATEST("orders", 0.0)
    ELSE NULL
  END AS "t_orders",
  CAST(CASE WHEN "household" = 'alone' THEN 1 ELSE 0 END AS DOUBLE) AS "i_0_0",
  CAST(CASE WHEN "household" = 'couple' THEN 1 ELSE 0 END AS DOUBLE) AS "i_0_1",
  CAST(CASE WHEN "household" = 'family with children' THEN 1 ELSE 0 END AS DOUBLE) AS "i_0_2",
  CAST(CASE WHEN "household" = 'shared flat' THEN 1 ELSE 0 END AS DOUBLE) AS "i_0_3",
  CAST(CASE WHEN "buys_for" = 'both' THEN 1 ELSE 0 END AS DOUBLE) AS "i_1_0",
  CAST(CASE WHEN "buys_for" = 'home' THEN 1 ELSE 0 END AS DOUBLE) AS "i_1_1",
  CAST(CASE WHEN "buys_for" = 'work' THEN 1 ELSE 0 END AS DOUBLE) AS "i_1_2",
  CAST(CASE WHEN "reasons: price" = 0.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_2_0",
  CAST(CASE WHEN "reasons: price" = 1.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_2_1",
  CAST(CASE WHEN "reasons: less harm to nature" = 0.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_3_0",
  CAST(CASE WHEN "reasons: less harm to nature" = 1.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_3_1",
  CAST(CASE WHEN "reasons: quality" = 0.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_4_0",
  CAST(CASE WHEN "reasons: quality" = 1.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_4_1",
  CAST(CASE WHEN "reasons: fast delivery" = 0.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_5_0",
  CAST(CASE WHEN "reasons: fast delivery" = 1.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_5_1",
  CAST(CASE WHEN "reasons: invoice" = 0.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_6_0",
  CAST(CASE WHEN "reasons: invoice" = 1.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_6_1",
  CAST(CASE WHEN "reasons: smell" = 0.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_7_0",
  CAST(CASE WHEN "reasons: smell" = 1.0 THEN 1 ELSE 0 END AS DOUBLE) AS "i_7_1",
  CAST(CASE WHEN NOT (
    FALSE
  ) THEN 1 ELSE 0 END AS DOUBLE) AS "counted",
  CASE WHEN "origin" IS NOT NULL THEN "origin" ELSE 2.29342723 END AS "r_origin",
  CAST(CASE WHEN "origin" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_origin",
  CASE
    WHEN "ingredients" IS NOT NULL
    THEN "ingredients"
    ELSE 2.255924171
  END AS "r_ingredients",
  CAST(CASE WHEN "ingredients" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_ingredients",
  CASE WHEN "pay_more" IS NOT NULL THEN "pay_more" ELSE 2.112171838 END AS "r_pay_more",
  CAST(CASE WHEN "pay_more" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_pay_more",
  CASE WHEN "packaging" IS NOT NULL THEN "packaging" ELSE 2.460992908 END AS "r_packaging",
  CAST(CASE WHEN "packaging" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_packaging",
  CASE WHEN "wait_sale" IS NOT NULL THEN "wait_sale" ELSE 1.972027972 END AS "r_wait_sale",
  CAST(CASE WHEN "wait_sale" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_wait_sale",
  CASE WHEN "compare" IS NOT NULL THEN "compare" ELSE 2.287735849 END AS "r_compare",
  CAST(CASE WHEN "compare" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_compare",
  CASE
    WHEN "coupon_first" IS NOT NULL
    THEN "coupon_first"
    ELSE 1.692307692
  END AS "r_coupon_first",
  CAST(CASE WHEN "coupon_first" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_coupon_first",
  CASE
    WHEN "little_time" IS NOT NULL
    THEN "little_time"
    ELSE 2.351415094
  END AS "r_little_time",
  CAST(CASE WHEN "little_time" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_little_time",
  CASE WHEN "fixed_day" IS NOT NULL THEN "fixed_day" ELSE 1.695550351 END AS "r_fixed_day",
  CAST(CASE WHEN "fixed_day" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_fixed_day",
  CASE
    WHEN "doubt_labels" IS NOT NULL
    THEN "doubt_labels"
    ELSE 2.36643026
  END AS "r_doubt_labels",
  CAST(CASE WHEN "doubt_labels" IS NOT NULL THEN 1 ELSE 0 END AS DOUBLE) AS "g_doubt_labels"
FROM "customers"
), units AS (
SELECT
  "customer_id",
  (
    LN(
      CASE
        WHEN COALESCE("v_recency_days", 24.997490132592233) < 0.9999056411060797
        THEN 0.9999056411060797
        WHEN COALESCE("v_recency_days", 24.997490132592233) > 206.4727488079392
        THEN 206.4727488079392
        ELSE COALESCE("v_recency_days", 24.997490132592233)
      END + 1
    ) - 3.232653877
  ) / 1.238104501 AS "z_recency_days",
  (
    LN(
      CASE
        WHEN COALESCE("v_orders", 6.99646844628277) < 2.0011633595049294
        THEN 2.0011633595049294
        WHEN COALESCE("v_orders", 6.99646844628277) > 24.35560981417598
        THEN 24.35560981417598
        ELSE COALESCE("v_orders", 6.99646844628277)
      END + 1
    ) - 2.040199793
  ) / 0.5440968459 AS "z_orders",
  (
    LN(
      CASE
        WHEN COALESCE("v_average_order_value", 31.39486750789823) < 7.837464374141273
        THEN 7.837464374141273
        WHEN COALESCE("v_average_order_value", 31.39486750789823) > 134.503842791163
        THEN 134.503842791163
        ELSE COALESCE("v_average_order_value", 31.39486750789823)
      END + 1
    ) - 3.55541859
  ) / 0.6679768944 AS "z_average_order_value",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_discount_share" * "t_orders"
            ) + 1.723654154
          ) / (
            (
              "t_orders" - (
                "v_discount_share" * "t_orders"
              )
            ) + 1.497928683
          )
        ),
        -0.003549
      ) < -1.299
      THEN -1.299
      WHEN COALESCE(
        LN(
          (
            (
              "v_discount_share" * "t_orders"
            ) + 1.723654154
          ) / (
            (
              "t_orders" - (
                "v_discount_share" * "t_orders"
              )
            ) + 1.497928683
          )
        ),
        -0.003549
      ) > 2.167
      THEN 2.167
      ELSE COALESCE(
        LN(
          (
            (
              "v_discount_share" * "t_orders"
            ) + 1.723654154
          ) / (
            (
              "t_orders" - (
                "v_discount_share" * "t_orders"
              )
            ) + 1.497928683
          )
        ),
        -0.003549
      )
    END - 0.1818684308
  ) / 0.8834277533 AS "z_discount_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_coupon_share" * "t_orders"
            ) + 0.526813912
          ) / (
            (
              "t_orders" - (
                "v_coupon_share" * "t_orders"
              )
            ) + 1.047157582
          )
        ),
        -0.9748
      ) < -3.498
      THEN -3.498
      WHEN COALESCE(
        LN(
          (
            (
              "v_coupon_share" * "t_orders"
            ) + 0.526813912
          ) / (
            (
              "t_orders" - (
                "v_coupon_share" * "t_orders"
              )
            ) + 1.047157582
          )
        ),
        -0.9748
      ) > 2.116
      THEN 2.116
      ELSE COALESCE(
        LN(
          (
            (
              "v_coupon_share" * "t_orders"
            ) + 0.526813912
          ) / (
            (
              "t_orders" - (
                "v_coupon_share" * "t_orders"
              )
            ) + 1.047157582
          )
        ),
        -0.9748
      )
    END - -0.971380934
  ) / 1.456969164 AS "z_coupon_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_monday_share" * "t_orders"
            ) + 1.006807402
          ) / (
            (
              "t_orders" - (
                "v_monday_share" * "t_orders"
              )
            ) + 3.239053739
          )
        ),
        -1.412
      ) < -2.95
      THEN -2.95
      WHEN COALESCE(
        LN(
          (
            (
              "v_monday_share" * "t_orders"
            ) + 1.006807402
          ) / (
            (
              "t_orders" - (
                "v_monday_share" * "t_orders"
              )
            ) + 3.239053739
          )
        ),
        -1.412
      ) > 0.4724
      THEN 0.4724
      ELSE COALESCE(
        LN(
          (
            (
              "v_monday_share" * "t_orders"
            ) + 1.006807402
          ) / (
            (
              "t_orders" - (
                "v_monday_share" * "t_orders"
              )
            ) + 3.239053739
          )
        ),
        -1.412
      )
    END - -1.334636916
  ) / 0.8239092526 AS "z_monday_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_weekend_share" * "t_orders"
            ) + 1.60021198
          ) / (
            (
              "t_orders" - (
                "v_weekend_share" * "t_orders"
              )
            ) + 4.563271164
          )
        ),
        -1.167
      ) < -2.504
      THEN -2.504
      WHEN COALESCE(
        LN(
          (
            (
              "v_weekend_share" * "t_orders"
            ) + 1.60021198
          ) / (
            (
              "t_orders" - (
                "v_weekend_share" * "t_orders"
              )
            ) + 4.563271164
          )
        ),
        -1.167
      ) > 0.2857
      THEN 0.2857
      ELSE COALESCE(
        LN(
          (
            (
              "v_weekend_share" * "t_orders"
            ) + 1.60021198
          ) / (
            (
              "t_orders" - (
                "v_weekend_share" * "t_orders"
              )
            ) + 4.563271164
          )
        ),
        -1.167
      )
    END - -1.141899426
  ) / 0.6293947158 AS "z_weekend_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_morning_share" * "t_orders"
            ) + 1.460951596
          ) / (
            (
              "t_orders" - (
                "v_morning_share" * "t_orders"
              )
            ) + 2.605605632
          )
        ),
        -0.7447
      ) < -2.231
      THEN -2.231
      WHEN COALESCE(
        LN(
          (
            (
              "v_morning_share" * "t_orders"
            ) + 1.460951596
          ) / (
            (
              "t_orders" - (
                "v_morning_share" * "t_orders"
              )
            ) + 2.605605632
          )
        ),
        -0.7447
      ) > 1.149
      THEN 1.149
      ELSE COALESCE(
        LN(
          (
            (
              "v_morning_share" * "t_orders"
            ) + 1.460951596
          ) / (
            (
              "t_orders" - (
                "v_morning_share" * "t_orders"
              )
            ) + 2.605605632
          )
        ),
        -0.7447
      )
    END - -0.6658519977
  ) / 0.7749830818 AS "z_morning_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_evening_share" * "t_orders"
            ) + 1.380131059
          ) / (
            (
              "t_orders" - (
                "v_evening_share" * "t_orders"
              )
            ) + 3.129565479
          )
        ),
        -0.8922
      ) < -2.54
      THEN -2.54
      WHEN COALESCE(
        LN(
          (
            (
              "v_evening_share" * "t_orders"
            ) + 1.380131059
          ) / (
            (
              "t_orders" - (
                "v_evening_share" * "t_orders"
              )
            ) + 3.129565479
          )
        ),
        -0.8922
      ) > 0.703
      THEN 0.703
      ELSE COALESCE(
        LN(
          (
            (
              "v_evening_share" * "t_orders"
            ) + 1.380131059
          ) / (
            (
              "t_orders" - (
                "v_evening_share" * "t_orders"
              )
            ) + 3.129565479
          )
        ),
        -0.8922
      )
    END - -0.9268748995
  ) / 0.7602811368 AS "z_evening_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_channel_web_share" * "t_orders"
            ) + 2.082713125
          ) / (
            (
              "t_orders" - (
                "v_channel_web_share" * "t_orders"
              )
            ) + 1.347288679
          )
        ),
        0.4692
      ) < -1.388
      THEN -1.388
      WHEN COALESCE(
        LN(
          (
            (
              "v_channel_web_share" * "t_orders"
            ) + 2.082713125
          ) / (
            (
              "t_orders" - (
                "v_channel_web_share" * "t_orders"
              )
            ) + 1.347288679
          )
        ),
        0.4692
      ) > 2.347
      THEN 2.347
      ELSE COALESCE(
        LN(
          (
            (
              "v_channel_web_share" * "t_orders"
            ) + 2.082713125
          ) / (
            (
              "t_orders" - (
                "v_channel_web_share" * "t_orders"
              )
            ) + 1.347288679
          )
        ),
        0.4692
      )
    END - 0.5058379273
  ) / 0.8771919403 AS "z_channel_web_share",
  (
    CASE
      WHEN COALESCE(
        LN(
          (
            (
              "v_channel_app_share" * "t_orders"
            ) + 1.03912705
          ) / (
            (
              "t_orders" - (
                "v_channel_app_share" * "t_orders"
              )
            ) + 2.209330998
          )
        ),
        -0.9273
      ) < -2.747
      THEN -2.747
      WHEN COALESCE(
        LN(
          (
            (
              "v_channel_app_share" * "t_orders"
            ) + 1.03912705
          ) / (
            (
              "t_orders" - (
                "v_channel_app_share" * "t_orders"
              )
            ) + 2.209330998
          )
        ),
        -0.9273
      ) > 1.036
      THEN 1.036
      ELSE COALESCE(
        LN(
          (
            (
              "v_channel_app_share" * "t_orders"
            ) + 1.03912705
          ) / (
            (
              "t_orders" - (
                "v_channel_app_share" * "t_orders"
              )
            ) + 2.209330998
          )
        ),
        -0.9273
      )
    END - -0.8962333121
  ) / 0.930468484 AS "z_channel_app_share",
  COALESCE(
    CASE
      WHEN (
        (
          (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) * 2
        ) >= 10
      )
      AND (
        (
          (
            (
              (
                "r_origin" * "g_origin" * (
                  "r_origin" * "g_origin"
                )
              ) + (
                "r_ingredients" * "g_ingredients" * (
                  "r_ingredients" * "g_ingredients"
                )
              ) + (
                "r_pay_more" * "g_pay_more" * (
                  "r_pay_more" * "g_pay_more"
                )
              ) + (
                (
                  4.0 - "r_packaging"
                ) * "g_packaging" * (
                  (
                    4.0 - "r_packaging"
                  ) * "g_packaging"
                )
              ) + (
                "r_wait_sale" * "g_wait_sale" * (
                  "r_wait_sale" * "g_wait_sale"
                )
              ) + (
                "r_compare" * "g_compare" * (
                  "r_compare" * "g_compare"
                )
              ) + (
                "r_coupon_first" * "g_coupon_first" * (
                  "r_coupon_first" * "g_coupon_first"
                )
              ) + (
                "r_little_time" * "g_little_time" * (
                  "r_little_time" * "g_little_time"
                )
              ) + (
                "r_fixed_day" * "g_fixed_day" * (
                  "r_fixed_day" * "g_fixed_day"
                )
              ) + (
                "r_doubt_labels" * "g_doubt_labels" * (
                  "r_doubt_labels" * "g_doubt_labels"
                )
              )
            ) / NULLIF(
              "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
              0.0
            )
          ) - (
            (
              (
                (
                  "r_origin" * "g_origin"
                ) + (
                  "r_ingredients" * "g_ingredients"
                ) + (
                  "r_pay_more" * "g_pay_more"
                ) + (
                  (
                    4.0 - "r_packaging"
                  ) * "g_packaging"
                ) + (
                  "r_wait_sale" * "g_wait_sale"
                ) + (
                  "r_compare" * "g_compare"
                ) + (
                  "r_coupon_first" * "g_coupon_first"
                ) + (
                  "r_little_time" * "g_little_time"
                ) + (
                  "r_fixed_day" * "g_fixed_day"
                ) + (
                  "r_doubt_labels" * "g_doubt_labels"
                )
              ) / NULLIF(
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                0.0
              )
            ) * (
              (
                (
                  "r_origin" * "g_origin"
                ) + (
                  "r_ingredients" * "g_ingredients"
                ) + (
                  "r_pay_more" * "g_pay_more"
                ) + (
                  (
                    4.0 - "r_packaging"
                  ) * "g_packaging"
                ) + (
                  "r_wait_sale" * "g_wait_sale"
                ) + (
                  "r_compare" * "g_compare"
                ) + (
                  "r_coupon_first" * "g_coupon_first"
                ) + (
                  "r_little_time" * "g_little_time"
                ) + (
                  "r_fixed_day" * "g_fixed_day"
                ) + (
                  "r_doubt_labels" * "g_doubt_labels"
                )
              ) / NULLIF(
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                0.0
              )
            )
          )
        ) > CASE
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 0
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 1
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 2
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 3
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 4
          THEN 0.04019113066
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 5
          THEN 0.07799123863
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 6
          THEN 0.1164025961
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 7
          THEN 0.1526158078
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 8
          THEN 0.1858563458
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 9
          THEN 0.2161027802
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 10
          THEN 0.2435884192
          ELSE -1.0
        END
      )
      THEN (
        (
          (
            "r_origin" - 2.29342723
          ) * 1.0
        ) + (
          (
            "r_ingredients" - 2.255924171
          ) * 1.0
        ) + (
          (
            "r_pay_more" - 2.112171838
          ) * 1.0
        ) + (
          (
            "r_packaging" - 2.460992908
          ) * -1.0
        ) + (
          (
            "r_wait_sale" - 1.972027972
          ) * 1.0
        ) + (
          (
            "r_compare" - 2.287735849
          ) * 1.0
        ) + (
          (
            "r_coupon_first" - 1.692307692
          ) * 1.0
        ) + (
          (
            "r_little_time" - 2.351415094
          ) * 1.0
        ) + (
          (
            "r_fixed_day" - 1.695550351
          ) * 1.0
        ) + (
          (
            "r_doubt_labels" - 2.36643026
          ) * 1.0
        )
      ) / NULLIF(
        "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
        0.0
      )
      ELSE NULL
    END,
    0.0
  ) AS "level",
  CAST(CASE
    WHEN CASE
      WHEN (
        (
          (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) * 2
        ) >= 10
      )
      AND (
        (
          (
            (
              (
                "r_origin" * "g_origin" * (
                  "r_origin" * "g_origin"
                )
              ) + (
                "r_ingredients" * "g_ingredients" * (
                  "r_ingredients" * "g_ingredients"
                )
              ) + (
                "r_pay_more" * "g_pay_more" * (
                  "r_pay_more" * "g_pay_more"
                )
              ) + (
                (
                  4.0 - "r_packaging"
                ) * "g_packaging" * (
                  (
                    4.0 - "r_packaging"
                  ) * "g_packaging"
                )
              ) + (
                "r_wait_sale" * "g_wait_sale" * (
                  "r_wait_sale" * "g_wait_sale"
                )
              ) + (
                "r_compare" * "g_compare" * (
                  "r_compare" * "g_compare"
                )
              ) + (
                "r_coupon_first" * "g_coupon_first" * (
                  "r_coupon_first" * "g_coupon_first"
                )
              ) + (
                "r_little_time" * "g_little_time" * (
                  "r_little_time" * "g_little_time"
                )
              ) + (
                "r_fixed_day" * "g_fixed_day" * (
                  "r_fixed_day" * "g_fixed_day"
                )
              ) + (
                "r_doubt_labels" * "g_doubt_labels" * (
                  "r_doubt_labels" * "g_doubt_labels"
                )
              )
            ) / NULLIF(
              "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
              0.0
            )
          ) - (
            (
              (
                (
                  "r_origin" * "g_origin"
                ) + (
                  "r_ingredients" * "g_ingredients"
                ) + (
                  "r_pay_more" * "g_pay_more"
                ) + (
                  (
                    4.0 - "r_packaging"
                  ) * "g_packaging"
                ) + (
                  "r_wait_sale" * "g_wait_sale"
                ) + (
                  "r_compare" * "g_compare"
                ) + (
                  "r_coupon_first" * "g_coupon_first"
                ) + (
                  "r_little_time" * "g_little_time"
                ) + (
                  "r_fixed_day" * "g_fixed_day"
                ) + (
                  "r_doubt_labels" * "g_doubt_labels"
                )
              ) / NULLIF(
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                0.0
              )
            ) * (
              (
                (
                  "r_origin" * "g_origin"
                ) + (
                  "r_ingredients" * "g_ingredients"
                ) + (
                  "r_pay_more" * "g_pay_more"
                ) + (
                  (
                    4.0 - "r_packaging"
                  ) * "g_packaging"
                ) + (
                  "r_wait_sale" * "g_wait_sale"
                ) + (
                  "r_compare" * "g_compare"
                ) + (
                  "r_coupon_first" * "g_coupon_first"
                ) + (
                  "r_little_time" * "g_little_time"
                ) + (
                  "r_fixed_day" * "g_fixed_day"
                ) + (
                  "r_doubt_labels" * "g_doubt_labels"
                )
              ) / NULLIF(
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                0.0
              )
            )
          )
        ) > CASE
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 0
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 1
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 2
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 3
          THEN -1.0
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 4
          THEN 0.04019113066
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 5
          THEN 0.07799123863
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 6
          THEN 0.1164025961
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 7
          THEN 0.1526158078
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 8
          THEN 0.1858563458
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 9
          THEN 0.2161027802
          WHEN (
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
          ) = 10
          THEN 0.2435884192
          ELSE -1.0
        END
      )
      THEN (
        (
          (
            "r_origin" - 2.29342723
          ) * 1.0
        ) + (
          (
            "r_ingredients" - 2.255924171
          ) * 1.0
        ) + (
          (
            "r_pay_more" - 2.112171838
          ) * 1.0
        ) + (
          (
            "r_packaging" - 2.460992908
          ) * -1.0
        ) + (
          (
            "r_wait_sale" - 1.972027972
          ) * 1.0
        ) + (
          (
            "r_compare" - 2.287735849
          ) * 1.0
        ) + (
          (
            "r_coupon_first" - 1.692307692
          ) * 1.0
        ) + (
          (
            "r_little_time" - 2.351415094
          ) * 1.0
        ) + (
          (
            "r_fixed_day" - 1.695550351
          ) * 1.0
        ) + (
          (
            "r_doubt_labels" - 2.36643026
          ) * 1.0
        )
      ) / NULLIF(
        "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
        0.0
      )
      ELSE NULL
    END IS NOT NULL
    THEN 1
    ELSE 0
  END AS DOUBLE) AS "counts",
  "r_origin",
  "r_ingredients",
  "r_pay_more",
  "r_packaging",
  "r_wait_sale",
  "r_compare",
  "r_coupon_first",
  "r_little_time",
  "r_fixed_day",
  "r_doubt_labels",
  "g_origin",
  "g_ingredients",
  "g_pay_more",
  "g_packaging",
  "g_wait_sale",
  "g_compare",
  "g_coupon_first",
  "g_little_time",
  "g_fixed_day",
  "g_doubt_labels",
  "i_0_0",
  "i_0_1",
  "i_0_2",
  "i_0_3",
  "i_1_0",
  "i_1_1",
  "i_1_2",
  "i_2_0",
  "i_2_1",
  "i_3_0",
  "i_3_1",
  "i_4_0",
  "i_4_1",
  "i_5_0",
  "i_5_1",
  "i_6_0",
  "i_6_1",
  "i_7_0",
  "i_7_1",
  CASE
    WHEN COALESCE("orders", 0.0) = 0
    THEN 'no-order'
    WHEN "orders" <= 1
    THEN 'one-order'
    WHEN NOT (
      (
        "v_recency_days" IS NOT NULL
      )
      OR (
        "v_orders" IS NOT NULL
      )
      OR (
        "v_average_order_value" IS NOT NULL
      )
      OR (
        "v_discount_share" IS NOT NULL
      )
      OR (
        "v_coupon_share" IS NOT NULL
      )
      OR (
        "v_monday_share" IS NOT NULL
      )
      OR (
        "v_weekend_share" IS NOT NULL
      )
      OR (
        "v_morning_share" IS NOT NULL
      )
      OR (
        "v_evening_share" IS NOT NULL
      )
      OR (
        "v_channel_web_share" IS NOT NULL
      )
      OR (
        "v_channel_app_share" IS NOT NULL
      )
      OR (
        (
          "i_0_0" + "i_0_1" + "i_0_2" + "i_0_3" + "i_1_0" + "i_1_1" + "i_1_2" + "i_2_0" + "i_2_1" + "i_3_0" + "i_3_1" + "i_4_0" + "i_4_1" + "i_5_0" + "i_5_1" + "i_6_0" + "i_6_1" + "i_7_0" + "i_7_1"
        ) > 0
      )
      OR (
        CASE
          WHEN (
            (
              (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) * 2
            ) >= 10
          )
          AND (
            (
              (
                (
                  (
                    "r_origin" * "g_origin" * (
                      "r_origin" * "g_origin"
                    )
                  ) + (
                    "r_ingredients" * "g_ingredients" * (
                      "r_ingredients" * "g_ingredients"
                    )
                  ) + (
                    "r_pay_more" * "g_pay_more" * (
                      "r_pay_more" * "g_pay_more"
                    )
                  ) + (
                    (
                      4.0 - "r_packaging"
                    ) * "g_packaging" * (
                      (
                        4.0 - "r_packaging"
                      ) * "g_packaging"
                    )
                  ) + (
                    "r_wait_sale" * "g_wait_sale" * (
                      "r_wait_sale" * "g_wait_sale"
                    )
                  ) + (
                    "r_compare" * "g_compare" * (
                      "r_compare" * "g_compare"
                    )
                  ) + (
                    "r_coupon_first" * "g_coupon_first" * (
                      "r_coupon_first" * "g_coupon_first"
                    )
                  ) + (
                    "r_little_time" * "g_little_time" * (
                      "r_little_time" * "g_little_time"
                    )
                  ) + (
                    "r_fixed_day" * "g_fixed_day" * (
                      "r_fixed_day" * "g_fixed_day"
                    )
                  ) + (
                    "r_doubt_labels" * "g_doubt_labels" * (
                      "r_doubt_labels" * "g_doubt_labels"
                    )
                  )
                ) / NULLIF(
                  "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                  0.0
                )
              ) - (
                (
                  (
                    (
                      "r_origin" * "g_origin"
                    ) + (
                      "r_ingredients" * "g_ingredients"
                    ) + (
                      "r_pay_more" * "g_pay_more"
                    ) + (
                      (
                        4.0 - "r_packaging"
                      ) * "g_packaging"
                    ) + (
                      "r_wait_sale" * "g_wait_sale"
                    ) + (
                      "r_compare" * "g_compare"
                    ) + (
                      "r_coupon_first" * "g_coupon_first"
                    ) + (
                      "r_little_time" * "g_little_time"
                    ) + (
                      "r_fixed_day" * "g_fixed_day"
                    ) + (
                      "r_doubt_labels" * "g_doubt_labels"
                    )
                  ) / NULLIF(
                    "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                    0.0
                  )
                ) * (
                  (
                    (
                      "r_origin" * "g_origin"
                    ) + (
                      "r_ingredients" * "g_ingredients"
                    ) + (
                      "r_pay_more" * "g_pay_more"
                    ) + (
                      (
                        4.0 - "r_packaging"
                      ) * "g_packaging"
                    ) + (
                      "r_wait_sale" * "g_wait_sale"
                    ) + (
                      "r_compare" * "g_compare"
                    ) + (
                      "r_coupon_first" * "g_coupon_first"
                    ) + (
                      "r_little_time" * "g_little_time"
                    ) + (
                      "r_fixed_day" * "g_fixed_day"
                    ) + (
                      "r_doubt_labels" * "g_doubt_labels"
                    )
                  ) / NULLIF(
                    "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
                    0.0
                  )
                )
              )
            ) > CASE
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 0
              THEN -1.0
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 1
              THEN -1.0
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 2
              THEN -1.0
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 3
              THEN -1.0
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 4
              THEN 0.04019113066
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 5
              THEN 0.07799123863
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 6
              THEN 0.1164025961
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 7
              THEN 0.1526158078
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 8
              THEN 0.1858563458
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 9
              THEN 0.2161027802
              WHEN (
                "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels"
              ) = 10
              THEN 0.2435884192
              ELSE -1.0
            END
          )
          THEN (
            (
              (
                "r_origin" - 2.29342723
              ) * 1.0
            ) + (
              (
                "r_ingredients" - 2.255924171
              ) * 1.0
            ) + (
              (
                "r_pay_more" - 2.112171838
              ) * 1.0
            ) + (
              (
                "r_packaging" - 2.460992908
              ) * -1.0
            ) + (
              (
                "r_wait_sale" - 1.972027972
              ) * 1.0
            ) + (
              (
                "r_compare" - 2.287735849
              ) * 1.0
            ) + (
              (
                "r_coupon_first" - 1.692307692
              ) * 1.0
            ) + (
              (
                "r_little_time" - 2.351415094
              ) * 1.0
            ) + (
              (
                "r_fixed_day" - 1.695550351
              ) * 1.0
            ) + (
              (
                "r_doubt_labels" - 2.36643026
              ) * 1.0
            )
          ) / NULLIF(
            "g_origin" + "g_ingredients" + "g_pay_more" + "g_packaging" + "g_wait_sale" + "g_compare" + "g_coupon_first" + "g_little_time" + "g_fixed_day" + "g_doubt_labels",
            0.0
          )
          ELSE NULL
        END IS NOT NULL
      )
    )
    THEN 'unassigned'
    ELSE NULL
  END AS "by_rule"
FROM "told"
), centred AS (
SELECT
  "customer_id",
  "z_recency_days",
  "z_orders",
  "z_average_order_value",
  "z_discount_share",
  "z_coupon_share",
  "z_monday_share",
  "z_weekend_share",
  "z_morning_share",
  "z_evening_share",
  "z_channel_web_share",
  "z_channel_app_share",
  "i_0_0",
  "i_0_1",
  "i_0_2",
  "i_0_3",
  "i_1_0",
  "i_1_1",
  "i_1_2",
  "i_2_0",
  "i_2_1",
  "i_3_0",
  "i_3_1",
  "i_4_0",
  "i_4_1",
  "i_5_0",
  "i_5_1",
  "i_6_0",
  "i_6_1",
  "i_7_0",
  "i_7_1",
  "by_rule",
  (
    (
      "r_origin" - 2.29342723
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_origin" * "counts"
  ) AS "r_origin",
  "g_origin" * "counts" AS "g_origin",
  (
    (
      "r_ingredients" - 2.255924171
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_ingredients" * "counts"
  ) AS "r_ingredients",
  "g_ingredients" * "counts" AS "g_ingredients",
  (
    (
      "r_pay_more" - 2.112171838
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_pay_more" * "counts"
  ) AS "r_pay_more",
  "g_pay_more" * "counts" AS "g_pay_more",
  (
    (
      "r_packaging" - 2.460992908
    ) - (
      "level" * -1.0
    )
  ) * (
    "g_packaging" * "counts"
  ) AS "r_packaging",
  "g_packaging" * "counts" AS "g_packaging",
  (
    (
      "r_wait_sale" - 1.972027972
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_wait_sale" * "counts"
  ) AS "r_wait_sale",
  "g_wait_sale" * "counts" AS "g_wait_sale",
  (
    (
      "r_compare" - 2.287735849
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_compare" * "counts"
  ) AS "r_compare",
  "g_compare" * "counts" AS "g_compare",
  (
    (
      "r_coupon_first" - 1.692307692
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_coupon_first" * "counts"
  ) AS "r_coupon_first",
  "g_coupon_first" * "counts" AS "g_coupon_first",
  (
    (
      "r_little_time" - 2.351415094
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_little_time" * "counts"
  ) AS "r_little_time",
  "g_little_time" * "counts" AS "g_little_time",
  (
    (
      "r_fixed_day" - 1.695550351
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_fixed_day" * "counts"
  ) AS "r_fixed_day",
  "g_fixed_day" * "counts" AS "g_fixed_day",
  (
    (
      "r_doubt_labels" - 2.36643026
    ) - (
      "level" * 1.0
    )
  ) * (
    "g_doubt_labels" * "counts"
  ) AS "r_doubt_labels",
  "g_doubt_labels" * "counts" AS "g_doubt_labels"
FROM "units"
), scores AS (
SELECT
  "customer_id",
  "by_rule",
  -3.077950228382112 + (
    "z_recency_days" * 0.014942480079778584
  ) + (
    "z_orders" * 0.20033263238655988
  ) + (
    "z_average_order_value" * -2.0285111917249092
  ) + (
    "z_discount_share" * 0.9513529193120355
  ) + (
    "z_coupon_share" * 0.6972779767465663
  ) + (
    "z_monday_share" * -0.44155924739673763
  ) + (
    "z_weekend_share" * -0.4323202855415965
  ) + (
    "z_morning_share" * 0.1575249552247648
  ) + (
    "z_evening_share" * 0.445661281911442
  ) + (
    "z_channel_web_share" * 0.1517467287023967
  ) + (
    "z_channel_app_share" * 0.7207773203870445
  ) + (
    "r_origin" * (
      -0.6015934532426127 - (
        "r_origin" * 0.5267466710229318
      )
    )
  ) + (
    "g_origin" * -1.0646515675676005
  ) + (
    "r_ingredients" * (
      -0.5637940054653886 - (
        "r_ingredients" * 0.5506180130852442
      )
    )
  ) + (
    "g_ingredients" * -1.0150432517027843
  ) + (
    "r_pay_more" * (
      -0.9577241463294903 - (
        "r_pay_more" * 0.7566731030849652
      )
    )
  ) + (
    "g_pay_more" * -1.014825730593054
  ) + (
    "r_packaging" * (
      -0.41807994566861806 - (
        "r_packaging" * 0.5990485282512977
      )
    )
  ) + (
    "g_packaging" * -0.9015164698306914
  ) + (
    "r_wait_sale" * (
      1.309940440340297 - (
        "r_wait_sale" * 0.7697993591440042
      )
    )
  ) + (
    "g_wait_sale" * -1.2604474989065106
  ) + (
    "r_compare" * (
      0.6728235561244159 - (
        "r_compare" * 0.707204228000449
      )
    )
  ) + (
    "g_compare" * -0.9056114119126866
  ) + (
    "r_coupon_first" * (
      0.9788060314088015 - (
        "r_coupon_first" * 0.5910713080760539
      )
    )
  ) + (
    "g_coupon_first" * -1.2404966113883142
  ) + (
    "r_little_time" * (
      -0.22496310750898144 - (
        "r_little_time" * 0.5590956056154724
      )
    )
  ) + (
    "g_little_time" * -0.8857119204348981
  ) + (
    "r_fixed_day" * (
      -0.44427524165620347 - (
        "r_fixed_day" * 0.6573044599665947
      )
    )
  ) + (
    "g_fixed_day" * -0.8572408645955205
  ) + (
    "r_doubt_labels" * (
      -0.28496427478737907 - (
        "r_doubt_labels" * 0.5792559664091217
      )
    )
  ) + (
    "g_doubt_labels" * -0.8804173085844507
  ) + (
    "i_0_0" * -1.3838991355642707
  ) + (
    "i_0_1" * -1.200995358985522
  ) + (
    "i_0_2" * -1.2803419257211244
  ) + (
    "i_0_3" * -1.7686466642671146
  ) + (
    "i_1_0" * -2.6503945135066855
  ) + (
    "i_1_1" * -0.0732411817558518
  ) + (
    "i_1_2" * -34.538776394910684
  ) + (
    "i_2_0" * -1.4157428601610567
  ) + (
    "i_2_1" * -0.2780555177048095
  ) + (
    "i_3_0" * -0.5456746926426261
  ) + (
    "i_3_1" * -0.8661935657754101
  ) + (
    "i_4_0" * -0.7666111948682647
  ) + (
    "i_4_1" * -0.6247127415006952
  ) + (
    "i_5_0" * -0.6236320218886937
  ) + (
    "i_5_1" * -0.7678581309300372
  ) + (
    "i_6_0" * -0.3228245106743367
  ) + (
    "i_6_1" * -1.287720114908291
  ) + (
    "i_7_0" * -0.30213767774334943
  ) + (
    "i_7_1" * -1.344140574788174
  ) AS "s_persona-1",
  -1.8837582961564951 + (
    "z_recency_days" * -0.03591382225450974
  ) + (
    "z_orders" * -0.02336187909040421
  ) + (
    "z_average_order_value" * -0.5500109234975802
  ) + (
    "z_discount_share" * -1.5149456143716884
  ) + (
    "z_coupon_share" * -0.35214822997713235
  ) + (
    "z_monday_share" * -0.5245821211372503
  ) + (
    "z_weekend_share" * 0.4797302384732366
  ) + (
    "z_morning_share" * -0.4172440599368686
  ) + (
    "z_evening_share" * -0.07638615117635532
  ) + (
    "z_channel_web_share" * 0.055807422652466264
  ) + (
    "z_channel_app_share" * -0.37273648889197075
  ) + (
    "r_origin" * (
      0.8186639498331302 - (
        "r_origin" * 0.644177577964429
      )
    )
  ) + (
    "g_origin" * -1.052358592569766
  ) + (
    "r_ingredients" * (
      1.0183549743448221 - (
        "r_ingredients" * 0.7045485443078682
      )
    )
  ) + (
    "g_ingredients" * -1.1154467186021884
  ) + (
    "r_pay_more" * (
      0.6283124057227666 - (
        "r_pay_more" * 0.6200910564377803
      )
    )
  ) + (
    "g_pay_more" * -0.9704701051944976
  ) + (
    "r_packaging" * (
      0.6795381008645898 - (
        "r_packaging" * 0.7385699213658814
      )
    )
  ) + (
    "g_packaging" * -0.8801908255606068
  ) + (
    "r_wait_sale" * (
      -0.5653554458315397 - (
        "r_wait_sale" * 0.653481755202722
      )
    )
  ) + (
    "g_wait_sale" * -0.9073636624838027
  ) + (
    "r_compare" * (
      -0.3047310391105819 - (
        "r_compare" * 0.611980242282503
      )
    )
  ) + (
    "g_compare" * -0.8558272255869163
  ) + (
    "r_coupon_first" * (
      -0.7227608895517227 - (
        "r_coupon_first" * 0.7112868682880158
      )
    )
  ) + (
    "g_coupon_first" * -0.9263096729968798
  ) + (
    "r_little_time" * (
      -0.30462731920820024 - (
        "r_little_time" * 0.5259315368619786
      )
    )
  ) + (
    "g_little_time" * -0.9377682206999277
  ) + (
    "r_fixed_day" * (
      -0.3516815201942684 - (
        "r_fixed_day" * 0.5696350109511557
      )
    )
  ) + (
    "g_fixed_day" * -0.9080249943053741
  ) + (
    "r_doubt_labels" * (
      0.5674421147285892 - (
        "r_doubt_labels" * 0.7081758937813526
      )
    )
  ) + (
    "g_doubt_labels" * -0.8585653219469567
  ) + (
    "i_0_0" * -1.3584109250159169
  ) + (
    "i_0_1" * -1.4277170214203876
  ) + (
    "i_0_2" * -1.426414915873216
  ) + (
    "i_0_3" * -1.33595584388702
  ) + (
    "i_1_0" * -2.186570195573187
  ) + (
    "i_1_1" * -0.1376255999505345
  ) + (
    "i_1_2" * -4.118195902611185
  ) + (
    "i_2_0" * -0.7782755119569238
  ) + (
    "i_2_1" * -0.614700593393919
  ) + (
    "i_3_0" * -1.3449332145602204
  ) + (
    "i_3_1" * -0.30185822591208666
  ) + (
    "i_4_0" * -0.8308551196249276
  ) + (
    "i_4_1" * -0.5721277368820041
  ) + (
    "i_5_0" * -0.6380962479660313
  ) + (
    "i_5_1" * -0.7514061828369841
  ) + (
    "i_6_0" * -0.31494146844064475
  ) + (
    "i_6_1" * -1.3087097781301
  ) + (
    "i_7_0" * -0.26293474695168384
  ) + (
    "i_7_1" * -1.464437807565742
  ) AS "s_persona-2",
  -5.091328555273819 + (
    "z_recency_days" * -0.05425217880298201
  ) + (
    "z_orders" * -0.31535251631369904
  ) + (
    "z_average_order_value" * 3.410097221007158
  ) + (
    "z_discount_share" * -0.5361893136381916
  ) + (
    "z_coupon_share" * 0.2936871400975254
  ) + (
    "z_monday_share" * 1.1992766137318138
  ) + (
    "z_weekend_share" * -0.08335838846788757
  ) + (
    "z_morning_share" * 0.2887593829131125
  ) + (
    "z_evening_share" * -0.7486837213263373
  ) + (
    "z_channel_web_share" * 0.5435061092291799
  ) + (
    "z_channel_app_share" * -0.04654226762423659
  ) + (
    "r_origin" * (
      -0.3629464875805365 - (
        "r_origin" * 0.551650864573957
      )
    )
  ) + (
    "g_origin" * -0.9294830590866132
  ) + (
    "r_ingredients" * (
      -0.8149215719691795 - (
        "r_ingredients" * 0.73476879469729
      )
    )
  ) + (
    "g_ingredients" * -0.9524191080798257
  ) + (
    "r_pay_more" * (
      -0.007946968752938793 - (
        "r_pay_more" * 0.5465298249988
      )
    )
  ) + (
    "g_pay_more" * -0.8744770308471592
  ) + (
    "r_packaging" * (
      -0.4953636496779955 - (
        "r_packaging" * 0.7360546748243046
      )
    )
  ) + (
    "g_packaging" * -0.8089351223715657
  ) + (
    "r_wait_sale" * (
      -0.6387158575542256 - (
        "r_wait_sale" * 0.790097679113967
      )
    )
  ) + (
    "g_wait_sale" * -0.8192489467234311
  ) + (
    "r_compare" * (
      -0.2580140667192485 - (
        "r_compare" * 0.6540339907178616
      )
    )
  ) + (
    "g_compare" * -0.8101093268665928
  ) + (
    "r_coupon_first" * (
      -0.24977880569016872 - (
        "r_coupon_first" * 0.5036255594070508
      )
    )
  ) + (
    "g_coupon_first" * -0.9462962128733804
  ) + (
    "r_little_time" * (
      1.3428486573668363 - (
        "r_little_time" * 0.8856301103223105
      )
    )
  ) + (
    "g_little_time" * -1.1421210110072044
  ) + (
    "r_fixed_day" * (
      1.8023902370397484 - (
        "r_fixed_day" * 0.8755033076123611
      )
    )
  ) + (
    "g_fixed_day" * -1.5664839780715094
  ) + (
    "r_doubt_labels" * (
      -0.43374003909791087 - (
        "r_doubt_labels" * 0.5792522347195844
      )
    )
  ) + (
    "g_doubt_labels" * -0.9265689518991397
  ) + (
    "i_0_0" * -1.5665048064386342
  ) + (
    "i_0_1" * -1.05420967000047
  ) + (
    "i_0_2" * -1.6054933031450667
  ) + (
    "i_0_3" * -1.4189490313030777
  ) + (
    "i_1_0" * -1.3343897402904326
  ) + (
    "i_1_1" * -1.431122679833636
  ) + (
    "i_1_2" * -0.6978767973854161
  ) + (
    "i_2_0" * -0.7264213585239515
  ) + (
    "i_2_1" * -0.6609446122661784
  ) + (
    "i_3_0" * -0.5756321436564642
  ) + (
    "i_3_1" * -0.8263341088619724
  ) + (
    "i_4_0" * -0.8167270879330978
  ) + (
    "i_4_1" * -0.5831732413047588
  ) + (
    "i_5_0" * -1.1802323714188567
  ) + (
    "i_5_1" * -0.367024522396334
  ) + (
    "i_6_0" * -0.7561426945588845
  ) + (
    "i_6_1" * -0.6338860156403262
  ) + (
    "i_7_0" * -0.2865361253000987
  ) + (
    "i_7_1" * -1.3897401028752558
  ) AS "s_persona-3"
FROM "centred"
), likelihoods AS (
SELECT
  "customer_id",
  "by_rule",
  EXP(
    (
      "s_persona-1" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541279027
  ) AS "e_persona-1",
  EXP(
    (
      "s_persona-2" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541279027
  ) AS "e_persona-2",
  EXP(
    (
      "s_persona-3" - GREATEST("s_persona-1", "s_persona-2", "s_persona-3")
    ) / 1.541279027
  ) AS "e_persona-3"
FROM "scores"
), posterior AS (
SELECT
  "customer_id",
  "by_rule",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-1" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-1",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-2" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-2",
  CASE
    WHEN "by_rule" IS NULL
    THEN "e_persona-3" / (
      "e_persona-1" + "e_persona-2" + "e_persona-3"
    )
    ELSE NULL
  END AS "p_persona-3"
FROM "likelihoods"
), placed AS (
SELECT
  "customer_id",
  COALESCE(
    "by_rule",
    CASE
      WHEN "p_persona-1" >= 0.8
      THEN 'persona-1'
      WHEN "p_persona-2" >= 0.8
      THEN 'persona-2'
      WHEN "p_persona-3" >= 0.8
      THEN 'persona-3'
      ELSE 'unassigned'
    END
  ) AS "persona",
  CASE
    WHEN "by_rule" IS NULL
    THEN GREATEST("p_persona-1", "p_persona-2", "p_persona-3")
    WHEN "by_rule" <> 'unassigned'
    THEN 1.0
    ELSE NULL
  END AS "probability",
  "p_persona-1",
  "p_persona-2",
  "p_persona-3"
FROM "posterior"
)
SELECT * FROM placed;
